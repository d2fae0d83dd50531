import { z } from "zod";
import { nameHint, namePattern } from "./part-words.ts";

/** A mix: config/mixes/<name>.yaml. It names outputs, weights and what is left out, and holds no samples. */

const name = z.string("expected a name").regex(namePattern, nameHint);

/** Who reads what a mix publishes: webdataset, Megatron-Energon, and the trainer whose recipes ship (seed-stage1 and so on). */
const mixReaders = ["webdataset", "energon", "trainer"] as const;
export type MixReader = (typeof mixReaders)[number];

/** Settings that the sets of a mix have in common, unless it says that they may differ. */
export const sharedSettings = [
  ...["size", "fit", "fps", "maxFrames", "align", "overflow", "sampling", "turns"],
  ...["text.format", "text.tokenizer", "text.system", "text.loss", "text.maxTokens"],
] as const;
export type SharedSetting = (typeof sharedSettings)[number];

const excludeSchema = z.strictObject({
  /** Keys of samples. */
  keys: z.array(z.string().min(1)).default([]),
  subsets: z.array(z.string().min(1)).default([]),
});

/** How an output is made, for the command that is named where there is none of it. */
const madeSchema = z.strictObject({
  /** The catalogue's entry; without it the output has its name. */
  dataset: name.optional(),
  recipe: name.optional(),
  set: z.array(z.string().regex(/^[^=]+=/, "expected key=value")).default([]),
});

const weightSchema = z.union(
  [z.literal("natural"), z.number().nonnegative("expected a number that is not negative")],
  {
    error: "expected a number that is not negative, or natural",
  },
);

/** A name alone is a set with its natural weight. */
const setSchema = z.preprocess(
  (value) => (typeof value === "string" ? { dataset: value } : value),
  z.strictObject(
    {
      /** The output's name. */
      dataset: name,
      /** natural: its number of samples. Either every set of a mix has a weight, or none. */
      weight: weightSchema.default("natural"),
      /** Only these of its subsets. */
      subsets: z.array(z.string().min(1)).min(1).optional(),
      exclude: excludeSchema.prefault({}),
      made: madeSchema.prefault({}),
    },
    "expected the name of an output, or keys such as dataset and weight",
  ),
);

export const mixEntrySchema = z.strictObject(
  {
    title: z.string("expected a text").min(1, "expected a text"),
    description: z.string().default(""),
    /** The recipe that its sets are built with, for the commands that are named. */
    recipe: name.optional(),
    sets: z.array(setSchema, "expected a list of sets").min(1, "expected at least one set"),
    /** Text without pictures, as a share of all samples. */
    text: z
      .strictObject(
        {
          dataset: name,
          share: z
            .number("expected a number above 0 and below 1")
            .gt(0, "expected a share above 0")
            .lt(1, "expected a share below 1"),
          exclude: excludeSchema.prefault({}),
          made: madeSchema.prefault({}),
        },
        "expected dataset and share",
      )
      .optional(),
    exclude: excludeSchema.prefault({}),
    readers: z
      .array(z.enum(mixReaders))
      .min(1, "expected at least one reader")
      .transform((readers) => [...new Set(readers)])
      .default([...mixReaders]),
    /** Shared settings that its sets may differ in. */
    differ: z.array(z.enum(sharedSettings)).default([]),
  },
  "expected a title and sets",
);

export type MixEntry = z.output<typeof mixEntrySchema>;
