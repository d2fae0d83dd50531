import type { MixPlan, PlannedSet } from "../plan/mix-plan.ts";

/** Folders between a mix's folder and the root that the outputs lie in: `mixes/<name>`. */
const mixDepth = 2;

/** Sets that samples are drawn from: one without weight is in no list. */
export function drawnSets({ sets }: MixPlan): PlannedSet[] {
  return sets.filter(({ share }) => share > 0);
}

/** A shard's tar as seen from a folder so many levels below the mix's own. */
export function tarPath({ facts }: PlannedSet, shard: string, below: number): string {
  return `${"../".repeat(mixDepth + below)}${facts.name}/${shard}.tar`;
}

/** A string as YAML, quoted: JSON's strings are YAML's, once what YAML calls unprintable is escaped. */
export function yamlText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A share as YAML 1.1 reads one, where `1e-7` is a text. */
export function yamlShare(share: number): string {
  return /e/.test(String(share)) ? share.toFixed(20).replace(/0+$/, "") : String(share);
}
