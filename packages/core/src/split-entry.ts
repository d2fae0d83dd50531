import { z } from "zod";
import { nameHint, namePattern } from "./part-words.ts";

/** A split: config/splits/<name>.yaml. Samples that are taken out of training, for validation. */

const setSchema = z.strictObject(
  {
    /** An output of the mixes, or the entry that one or more of their outputs are of. */
    dataset: z.string("expected a name").regex(namePattern, nameHint),
    samples: z.int("expected a whole number").min(1).max(1_000_000),
    /** Only of these of its subsets. */
    subsets: z.array(z.string().min(1)).min(1).optional(),
  },
  "expected dataset and samples",
);

export const splitEntrySchema = z.strictObject(
  {
    title: z.string("expected a text").min(1, "expected a text"),
    seed: z.int("expected a whole number").nonnegative(),
    sets: z.array(setSchema, "expected a list of sets").min(1, "expected at least one set"),
    /** Of a set's samples: at most so many are left out of training without being chosen. */
    maxExcluded: z.number().min(0).max(1).default(0.01),
  },
  "expected a title, a seed and sets",
);

export type SplitEntry = z.output<typeof splitEntrySchema> & { readonly name: string };
