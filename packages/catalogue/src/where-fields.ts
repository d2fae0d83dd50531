import type { Dataset, SampleText, WhereFields, WhereType, WhereValues } from "@shardmill/core";
import { type SampleMedia, textKeys } from "./sample-json.ts";
import type { FieldValue } from "./text/record-fields.ts";
import { textAdapterOf } from "./text/text-adapters.ts";

const texts = ["caption", "user", "assistant"] as const;

/** What a recipe's `where` can ask of a dataset's samples: keys of their JSON, known with their records, and what probing tells. */
export function whereFields(dataset: Dataset): WhereFields {
  const { writesKeys } = textAdapterOf(dataset.text);
  const own = Object.entries(dataset.fields).map(
    ([name, { type }]) => [name, type === "string" ? "text" : "number"] as const,
  );
  const written = texts.filter((name) => writesKeys.includes(name)).map((name) => [name, "text"] as const);
  return new Map<string, WhereType>([
    ...own,
    ...written,
    ["member", "text"],
    ...probed(dataset).map((name) => [name, "number"] as const),
  ]);
}

function probed({ media }: Dataset): readonly string[] {
  switch (media) {
    case "video":
      return ["duration", "width", "height", "fps", "frames"];
    case "images":
    case "pair":
      return ["width", "height", "frames"];
    case "none":
      return [];
    default:
      return media satisfies never;
  }
}

/** What is known before anything is decoded. */
export function recordValues(
  dataset: Dataset,
  sample: {
    readonly member: string;
    readonly text: SampleText;
    readonly fields: Readonly<Record<string, FieldValue>>;
  },
): WhereValues {
  const { caption, turns } = textKeys(dataset, sample.text);
  const written = new Map(Object.entries({ ...caption, ...turns }));
  const said = texts.map((name) => {
    const text = written.get(name);
    return [name, typeof text === "string" ? text : null] as const;
  });
  return new Map([...said, ["member", sample.member], ...Object.entries(sample.fields)]);
}

/** What is known when its pictures are made. */
export function shownValues(media: SampleMedia, frames: number): WhereValues {
  return new Map([["frames", frames], ...Object.entries(measures(media))]);
}

function measures(media: SampleMedia): Record<"duration" | "fps" | "width" | "height", number | null> {
  const nothing = { duration: null, fps: null, width: null, height: null };
  switch (media.kind) {
    case "clip": {
      const { durationS, fps, width, height } = media.info;
      return { duration: durationS, fps, width, height };
    }
    case "frames":
      return { ...nothing, duration: media.clock?.durationS ?? null, fps: media.clock?.fps ?? null };
    case "images":
      return { ...nothing, width: media.width, height: media.height };
    case "none":
      return nothing;
    default:
      return media satisfies never;
  }
}
