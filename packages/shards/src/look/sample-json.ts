import { Failure } from "@shardmill/core";
import type { OpenShard } from "./open-shard.ts";
import type { Sample } from "./sample.ts";
import type { LocatedSample } from "./tar-header-walk.ts";

export type SampleJson = Readonly<Record<string, unknown>>;

/** The JSON of a sample in an opened shard. A Failure `shard_invalid` where it is not there, or no object. */
export async function readSampleJson(
  tar: OpenShard,
  { key, members }: LocatedSample,
  shard: string,
): Promise<SampleJson> {
  const json = members.find(({ suffix }) => suffix === "json");
  try {
    const value: unknown =
      json === undefined ? null : JSON.parse(Buffer.from(await tar.read(json)).toString());
    if (typeof value === "object" && value !== null) return { ...value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Failure("shard_invalid", `the sample ${key} has no JSON`, { where: { shard } });
}

/** Tokens of a sample, and those with loss: of one conversation, or of both sides of a pair. Null of a sample of text alone. */
export function tokensOfSample(json: SampleJson): { readonly all: number; readonly loss: number } | null {
  const [ids, masks] = [listsOf(json, "token_ids"), listsOf(json, "loss_mask")];
  if (ids.length === 0) return null;
  const ones = (mask: readonly unknown[]): number => mask.filter((one) => one === 1).length;
  return {
    all: ids.reduce((sum, { length }) => sum + length, 0),
    loss: masks.reduce((sum, mask) => sum + ones(mask), 0),
  };
}

function listsOf(json: SampleJson, name: string): unknown[][] {
  return [name, `chosen_${name}`, `rejected_${name}`].flatMap((key) => {
    const value = json[key];
    return Array.isArray(value) ? [value as unknown[]] : [];
  });
}

/** Likewise of a sample with its bytes. */
export function tokensOfJson({ members }: Sample): ReturnType<typeof tokensOfSample> {
  const json = members.find(({ suffix }) => suffix === "json");
  if (json === undefined) return null;
  const value: unknown = JSON.parse(Buffer.from(json.bytes).toString("utf8"));
  return typeof value === "object" && value !== null ? tokensOfSample({ ...value }) : null;
}
