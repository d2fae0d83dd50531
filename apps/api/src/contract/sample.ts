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
  page: count,
  pageSize: count,
  total: count,
  samples: z.array(sampleSummarySchema),
});
export type SamplesPage = z.output<typeof samplesPageSchema>;

export const sampleSchema = z.object({
  key: z.string(),
  shard: z.string(),
  part: z.string(),
  index: count,
  /** Samples in the shard. */
  total: count,
  previous: z.string().nullable(),
  next: z.string().nullable(),
  bytes: z.number(),
  /** The frames' names in the tar, in order; frame n is read with `/frames/n`. */
  frames: z.array(z.object({ name: z.string(), bytes: z.number(), timeS: z.number().nullable() })),
  /** The sample's JSON as it stands in the shard; whole numbers that a double cannot hold are texts. */
  json: z.record(z.string(), jsonValue),
  /** Where the media came from, for people: the dataset's page. */
  homepage: z.string().nullable(),
});
export type SampleDetail = z.output<typeof sampleSchema>;
