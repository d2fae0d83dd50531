import { z } from "zod";

/** Every name that a caller can give. None of them can hold a slash, a dot-dot or an address. */
export const datasetName = z
  .string()
  .max(80)
  .regex(/^[a-z0-9][a-z0-9-]*$/, "expected the name of a catalogue entry");
/** What an output is called: its folder, its shards, and its place on these routes. */
export const outputName = z
  .string()
  .max(40)
  .regex(/^[a-z0-9][a-z0-9-]*$/, "expected lower-case letters, digits and hyphens");
/** One part, named in any of the ways of `--parts`; it is looked for among the parts that exist, and nowhere else. */
export const partName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^/\p{Cc}]+$/u, "expected a part such as p0073, 73 or ai2d-p0000");
export const shardName = z
  .string()
  .max(200)
  .regex(/^[a-z0-9][a-z0-9_-]*$/, "expected the name of a shard without .tar");
export const sampleKeyName = z
  .string()
  .max(60)
  .regex(/^[a-z0-9][a-z0-9_-]*$/, "expected the key of a sample");
export const codeName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z_]*$/, "expected a code such as decode_error");
/** The text of `--parts`: `0,72-74`, `p0072-p0074`, `ai2d:0-3,vqav2`. Names of subsets are of any script. */
export const partsText = z
  .string()
  .min(1)
  .max(2_000)
  .regex(/^[^/\p{Cc}]+$/u, "expected parts such as 0,72-74 or ai2d:0-3");
/** `key=value` over the catalogue's recipe. */
export const settingText = z
  .string()
  .max(200)
  .regex(/^[A-Za-z.]+=[A-Za-z0-9_.-]+$/, "expected key=value");

export const page = z.coerce.number().int().min(1).max(1_000_000).default(1);
export const pageSizeOf = (byDefault: number, most: number) =>
  z.coerce.number().int().min(1).max(most).default(byDefault);
