import { join } from "node:path";
import { expect } from "vitest";
import { jsonOf, readSamples, tarsIn } from "../support/read-shards.ts";

/** Of whole outputs that lie in this folder. */
export function sumsOf(out: string, names: readonly string[]): Record<string, unknown> {
  return sumsOfTars(names.flatMap((name) => tarsIn(join(out, name)).map((tar) => join(out, name, tar))));
}

/** Added up from the tars alone. */
export function sumsOfTars(
  tars: readonly string[],
  without: ReadonlySet<string> = new Set(),
): Record<string, unknown> {
  const samples = tars.flatMap(readSamples).filter(({ key }) => !without.has(key));
  const jsons = samples.map(jsonOf);
  const length = (json: Record<string, unknown>, key: string): number =>
    ((json[key] as number[]) ?? []).length;
  const ones = (json: Record<string, unknown>, key: string): number =>
    ((json[key] as number[]) ?? []).reduce((sum, one) => sum + one, 0);
  const sum = (of: (json: Record<string, unknown>) => number): number =>
    jsons.reduce((total, json) => total + of(json), 0);
  return {
    shards: tars.length,
    samples: samples.length,
    frames: sum((json) => Number(json.frame_count)),
    tokens: expect.objectContaining({
      all: sum(
        (json) =>
          length(json, "token_ids") + length(json, "chosen_token_ids") + length(json, "rejected_token_ids"),
      ),
      loss: sum(
        (json) => ones(json, "loss_mask") + ones(json, "chosen_loss_mask") + ones(json, "rejected_loss_mask"),
      ),
    }),
    durationMs: sum((json) => (typeof json.duration === "number" ? Math.round(json.duration * 1000) : 0)),
    bytes: expect.any(Number),
  };
}
