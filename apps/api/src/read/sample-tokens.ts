import { type Cut, readCut, type ShardOfBuild, type TokenTexts } from "@shardmill/pipeline";
import type { TokenList } from "../contract/index.ts";

/** Nobody reads more of one sample, and a recipe may let a million pass. */
const mostShown = 2_000;

interface Found {
  readonly name: TokenList["name"];
  readonly ids: readonly number[];
  /** Null where it does not fit the ids. */
  readonly mask: readonly number[] | null;
}

/** The sample whose tokens are asked for, where it stands. */
export interface SamplePlace extends ShardOfBuild {
  readonly key: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** The tokens of a sample with their text; null where it has none. */
export async function readTokens(
  place: SamplePlace,
  texts: TokenTexts,
  signal: AbortSignal,
): Promise<TokenList[] | null> {
  const found = listsOf(place.json);
  if (found.length === 0) return null;
  const cuts = await cutsOf(place, found, signal);
  const text = await textsOf(place, { found, texts }, signal);
  return found.map(({ name, ids, mask }, at) => ({
    name,
    count: ids.length,
    loss: mask?.reduce((sum, bit) => sum + bit, 0) ?? 0,
    cut: cuts[at] ?? "no",
    text: text[at] ?? { kind: "unknown", why: misfit(name) },
  }));
}

/** Those of the whole conversation, and those of a preference pair. */
function listsOf(json: SamplePlace["json"]): Found[] {
  const names = [
    ["tokens", ""],
    ["chosen", "chosen_"],
    ["rejected", "rejected_"],
  ] as const;
  return names.flatMap(([name, prefix]) => {
    const ids = json[`${prefix}token_ids`];
    const mask = json[`${prefix}loss_mask`];
    if (!isWhole(ids, 2 ** 32 - 1)) return [];
    return [{ name, ids, mask: isWhole(mask, 1) && mask.length === ids.length ? mask : null }];
  });
}

function isWhole(value: unknown, most: number): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isInteger(one) && one >= 0 && one <= most);
}

/** In the order of `found`; what has no fitting mask has no text. */
async function textsOf(
  place: SamplePlace,
  { found, texts }: { readonly found: readonly Found[]; readonly texts: TokenTexts },
  signal: AbortSignal,
): Promise<(TokenList["text"] | null)[]> {
  const fit = found.flatMap((one) => (one.mask === null ? [] : [{ ...one, mask: one.mask }]));
  if (fit.length === 0) return found.map(() => null);
  const lists = fit.map(({ ids, mask }) => ({
    tokenIds: ids.slice(0, mostShown),
    lossMask: mask.slice(0, mostShown),
  }));
  const read = await texts.of(place, lists, signal);
  return found.map(({ name, ids, mask }) => {
    if (mask === null) return null;
    if (read.kind === "unknown") return read;
    const runs = read.runs[fit.findIndex((one) => one.name === name)] ?? [];
    return {
      kind: "runs",
      runs: runs.map(({ text, tokens, isLoss, isControl }) => ({
        text,
        loss: isLoss,
        control: isControl,
        count: tokens,
      })),
      notShown: Math.max(0, ids.length - mostShown),
    };
  });
}

/** The ledger is looked into only where it can say something: it has a line for every sample of the shard. */
async function cutsOf(
  { records, build, manifest, key }: SamplePlace,
  found: readonly Found[],
  signal: AbortSignal,
): Promise<Cut[]> {
  const { text } = build.recipe;
  const isOfBuild = manifest.recipeHash === build.recipeHash;
  const most = isOfBuild && text.format === "tokens" ? text.maxTokens : null;
  const mayBe = ({ ids }: Found): boolean => manifest.tokens?.cut !== 0 && ids.length >= (most ?? 0);
  if (!found.some(mayBe)) return found.map(() => "no");
  const said = await readCut(records, manifest, { dataset: build.dataset, key }, signal);
  // Of two lists of unknown bounds the ledger does not say which it was.
  const told = said === "yes" && most === null && found.length > 1 ? "perhaps" : said;
  return found.map((one) => (mayBe(one) ? told : "no"));
}

function misfit(name: TokenList["name"]): string {
  const prefix = name === "tokens" ? "" : `${name}_`;
  return `${prefix}loss_mask is no list of 0 and 1 as long as ${prefix}token_ids`;
}
