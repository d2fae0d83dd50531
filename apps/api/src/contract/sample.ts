import { z } from "zod";
import { jsonValue } from "./json.ts";

const count = z.int();

const sampleSummarySchema = z.object({
  key: z.string(),
  index: count,
  frames: count,
  bytes: z.number(),
  /** One line that tells samples apart: the caption, or the first question of a conversation. */
  caption: z.string().nullable(),
});
export type SampleSummary = z.output<typeof sampleSummarySchema>;

export const samplesPageSchema = z.object({
  shard: z.string(),
  /** Another one once the shard was made again; `v` of a frame's address. */
  version: z.string(),
  page: count,
  pageSize: count,
  total: count,
  samples: z.array(sampleSummarySchema),
});
export type SamplesPage = z.output<typeof samplesPageSchema>;

/** Where a sample lies. */
export const samplePlaceSchema = z.object({ key: z.string(), part: z.string(), shard: z.string() });
export type SamplePlace = z.output<typeof samplePlaceSchema>;

const tokenRunSchema = z.object({
  text: z.string(),
  /** The loss is taken on these. */
  loss: z.boolean(),
  /** A control token itself, and no text that says the same. */
  control: z.boolean(),
  count,
});
export type TokenRun = z.output<typeof tokenRunSchema>;

const tokenListSchema = z.object({
  /** Of a preference pair there are two lists: `chosen` and `rejected`. */
  name: z.enum(["tokens", "chosen", "rejected"]),
  count,
  /** How many of them the loss is taken on. */
  loss: count,
  /** yes: the ledger says that they were cut; perhaps: they are as many as the recipe lets, and nothing says more. */
  cut: z.enum(["yes", "perhaps", "no"]),
  text: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("runs"), runs: z.array(tokenRunSchema), notShown: count }),
    /** Why what they say cannot be told, in one line. */
    z.object({ kind: z.literal("unknown"), why: z.string() }),
  ]),
});
export type TokenList = z.output<typeof tokenListSchema>;

export const sampleSchema = z.object({
  key: z.string(),
  shard: z.string(),
  /** As in the list of samples. */
  version: z.string(),
  part: z.string(),
  index: count,
  /** Samples in the shard. */
  total: count,
  previous: z.string().nullable(),
  next: z.string().nullable(),
  bytes: z.number(),
  /** How its pictures lie: a file for each, all in one, or as many files as every sample has. */
  layout: z.enum(["frames", "packed", "fixed"]),
  /** The frames' names in the tar, in order, `frames.bin[2]` of one that holds them all; frame n is read with `/frames/n`. */
  frames: z.array(z.object({ name: z.string(), bytes: z.number(), timeS: z.number().nullable() })),
  /** The sample's JSON as it stands in the shard; whole numbers that a double cannot hold are texts. */
  json: z.record(z.string(), jsonValue),
  /** Null for a sample without tokens. */
  tokens: z.array(tokenListSchema).nullable(),
  /** Where the media came from, for people: the dataset's page. */
  homepage: z.string().nullable(),
});
export type SampleDetail = z.output<typeof sampleSchema>;
