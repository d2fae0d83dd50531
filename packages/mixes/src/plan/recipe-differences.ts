import type { SharedSetting } from "@shardmill/core";
import type { OutputFacts } from "../facts/output-facts.ts";
import type { MixProblem } from "./mix-plan.ts";

type Made = Pick<OutputFacts, "name" | "media" | "recipe" | "tokenizer">;

/** A set and the path of the key that names it. */
export interface NamedOutput {
  readonly key: string;
  readonly facts: Made;
}

const ofClips: readonly SharedSetting[] = ["fps", "maxFrames", "align", "overflow", "sampling"];
/** What says nothing of text alone: it may be longer than what goes with pictures. */
const notOfText: readonly SharedSetting[] = [...ofClips, "fit", "turns", "text.maxTokens"];

/** Sets that were made otherwise than most of the others: a line for each setting, at the key of the set. */
export function recipeDifferences(
  sets: readonly NamedOutput[],
  settings: readonly SharedSetting[],
): MixProblem[] {
  return settings.flatMap((setting) => {
    const told = sets.flatMap((set) => {
      const value = settingOf(set.facts, setting);
      return value === null ? [] : [{ ...set, value }];
    });
    const usual = mostCommon(told.map(({ value }) => value.identity));
    const shown = told.find(({ value }) => value.identity === usual)?.value.shown;
    const others = told.filter(({ value }) => value.identity === usual).map(({ facts }) => facts.name);
    return told
      .filter(({ value }) => value.identity !== usual)
      .map(({ key, facts, value }) => ({
        kind: "state" as const,
        path: key,
        message: `${facts.name} has ${setting} ${value.shown}, and ${others.join(", ")} ${shown}; build them with one recipe, or let ${setting} stand under differ`,
      }));
  });
}

interface Value {
  readonly identity: string;
  readonly shown: string;
}

function settingOf({ media, recipe, tokenizer }: Made, setting: SharedSetting): Value | null {
  if (media !== "video" && ofClips.includes(setting)) return null;
  if (media === "none" && (notOfText.includes(setting) || hasNoPicture(recipe, setting))) return null;
  if (media === "pair" && setting === "turns") return null;
  const { text } = recipe;
  switch (setting) {
    case "text.format":
      return same(text.format);
    case "text.tokenizer":
      if (text.format === "raw" || tokenizer === null) return null;
      return {
        identity: JSON.stringify(tokenizer.identity),
        shown: `${tokenizer.name} (${tokenizer.identity.tokenizer.slice(0, 8)})`,
      };
    case "text.system":
    case "text.loss":
    case "text.maxTokens":
      return text.format === "raw" ? null : same(text[fieldOf(setting)]);
    default:
      return same(recipe[setting]);
  }
}

function hasNoPicture(recipe: Made["recipe"], setting: SharedSetting): boolean {
  return setting === "size" && recipe.textPicture === undefined;
}

function fieldOf(setting: "text.system" | "text.loss" | "text.maxTokens"): "system" | "loss" | "maxTokens" {
  switch (setting) {
    case "text.system":
      return "system";
    case "text.loss":
      return "loss";
    default:
      return "maxTokens";
  }
}

function same(value: string | number | null | undefined): Value {
  return { identity: JSON.stringify(value ?? null), shown: JSON.stringify(value ?? null) };
}

/** Of several that are as common the first. */
function mostCommon(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
