import { type BuildRecord, type Layout, layoutOf } from "@shardmill/core";

/** What the shards of a dataset hold together. */
export interface Totals {
  readonly shards: number;
  readonly samples: number;
  readonly frames: number;
}

/** Of Energon's sample types, the one that fits: a picture with its caption, pictures and then the caption, or text alone. */
export type TypedSample = "captioning" | "interleaved" | "text";

/** How the pictures of a sample lie: a file for each, or another layout. */
type FrameLayout = "frames" | Layout["kind"];

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
  readonly layout: FrameLayout;
  /** Lines of Python that take the pictures out of a sample of `datasets`; none where each is a column. */
  readonly reading: readonly string[];
}

const otherwise =
  "so Hugging Face `datasets` and its viewer cannot load these shards; WebDataset and Energon can.";

const load = 'load_dataset("webdataset", data_files="*.tar")';
const withDatasets = `With Hugging Face \`datasets\`: \`${load}\`.`;

/** In one file, or in as many as every sample has: whatever the media, all have the same fields. */
function laidOut(layout: Layout): Pick<SampleForm, "isFixed" | "loading" | "layout" | "reading"> {
  const isPacked = layout.kind === "packed";
  const told = isPacked
    ? "The pictures of a sample lie in one file, one behind the other; `frame_offsets` of its JSON says where each begins and the last one ends."
    : `Every sample has ${layout.frames} pictures; \`frame_count\` of its JSON are its own, and the last one is repeated.`;
  const frames = isPacked
    ? [
        '    data, offsets = sample["frames.bin"], sample["json"]["frame_offsets"]',
        "    frames = [data[start:end] for start, end in zip(offsets, offsets[1:])]  # JPEG, bytes",
      ]
    : [
        '    count = sample["json"]["frame_count"]',
        '    frames = [sample[f"{number:03}.jpg"] for number in range(count)]  # PIL images',
      ];
  return {
    isFixed: true,
    layout: layout.kind,
    loading: `${told} With Hugging Face \`datasets\`:`,
    reading: [
      "from datasets import load_dataset",
      `for sample in ${load.slice(0, -1)}, split="train", streaming=True):`,
      ...frames,
    ],
  };
}

type PlainForm = Omit<SampleForm, "layout" | "reading">;

export function sampleForm(build: Pick<BuildRecord, "dataset" | "recipe">, totals: Totals): SampleForm {
  const plain = plainForm(build, totals);
  const layout = layoutOf(build.recipe);
  if (layout === null) return { ...plain, layout: "frames", reading: [] };
  // Of one file with all pictures no type of Energon's takes any out.
  const typed = layout.kind === "packed" || plain.typed === null ? null : "interleaved";
  return { ...plain, ...laidOut(layout), typed };
}

/** Each kind of media has its own words: a reader of pictures is told nothing of clips. */
function plainForm(
  { dataset, recipe }: Pick<BuildRecord, "dataset" | "recipe">,
  { shards, samples, frames }: Totals,
): PlainForm {
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
        loading: withDatasets,
        typed: typed("text"),
      };
    case "images":
    case "pair":
      return frames === samples
        ? {
            counted: counted("a picture each"),
            isFixed: true,
            loading: withDatasets,
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
