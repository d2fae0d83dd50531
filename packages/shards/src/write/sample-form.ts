import type { BuildRecord } from "@shardmill/core";

/** What the shards of a dataset hold together. */
export interface Totals {
  readonly shards: number;
  readonly samples: number;
  readonly frames: number;
}

/** Of Energon's sample types, the one that fits: a picture with its caption, pictures and then the caption, or text alone. */
export type TypedSample = "captioning" | "interleaved" | "text";

/** What the samples of a dataset are, for those who load them. */
export interface SampleForm {
  /** How many there are, in a reader's words. */
  readonly counted: string;
  /** Whether all have the same fields, which Hugging Face `datasets` asks for. */
  readonly isFixed: boolean;
  /** What to tell those who load them with it. */
  readonly loading: string;
  /** Null where no type fits: samples of tokens alone have no caption. */
  readonly typed: TypedSample | null;
}

const otherwise =
  "so Hugging Face `datasets` and its viewer cannot load these shards; WebDataset and Energon can.";

/** Each kind of media has its own words: a reader of pictures is told nothing of clips. */
export function sampleForm(
  { dataset, recipe }: Pick<BuildRecord, "dataset" | "recipe">,
  { shards, samples, frames }: Totals,
): SampleForm {
  const hasCaptions = recipe.text.format === "raw" || recipe.text.keepRaw;
  const typed = (type: TypedSample): TypedSample | null => (hasCaptions ? type : null);
  const counted = (what: string): string => `${samples} samples with ${what} in ${shards} WebDataset shards`;
  switch (dataset.media) {
    case "video":
      return {
        counted: counted(`${frames} frames`),
        isFixed: false,
        loading: `Clips have different numbers of frames, ${otherwise}`,
        typed: typed("interleaved"),
      };
    case "none":
      return {
        counted: counted("text alone"),
        isFixed: true,
        loading: 'With Hugging Face `datasets`: `load_dataset("webdataset", data_files="*.tar")`.',
        typed: typed("text"),
      };
    case "images":
    case "pair":
      return frames === samples
        ? {
            counted: counted("a picture each"),
            isFixed: true,
            loading: 'With Hugging Face `datasets`: `load_dataset("webdataset", data_files="*.tar")`.',
            typed: typed("captioning"),
          }
        : {
            counted: counted(`${frames} pictures`),
            isFixed: false,
            loading: `Samples have different numbers of pictures, ${otherwise}`,
            typed: typed("interleaved"),
          };
    default:
      return dataset.media satisfies never;
  }
}
