import {
  type ClipInfo,
  type Dataset,
  Float,
  type PartId,
  type SampleJson,
  type SampleText,
  sampleJsonText,
  sourceNameOf,
  stem,
} from "@shardmill/core";
import { placeholdersOf } from "./path-pattern.ts";
import type { FieldValue } from "./text/record-fields.ts";

/** What a sample shows besides its text. */
export type SampleMedia =
  | {
      readonly kind: "clip";
      readonly timesS: readonly number[];
      readonly info: ClipInfo;
      /** False for a clip that was kept though frames are lacking (recipe.minFrameShare). */
      readonly complete: boolean;
    }
  /** Frames that somebody else took out of a video: nothing is known of the video itself. */
  | { readonly kind: "frames" }
  /** Size as in the source; null where a sample has several images. */
  | { readonly kind: "images"; readonly width: number | null; readonly height: number | null };

export interface SampleJsonInput {
  readonly part: PartId;
  /** The member's full name in its archive. */
  readonly member: string;
  /** The member's file name without extension unless given. */
  readonly videoId?: string;
  readonly frameCount: number;
  readonly text: SampleText;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly media: SampleMedia;
}

/**
 * The JSON of a sample, as docs/formats.md tells it. Keys, their order and their types follow from the dataset alone, never from the
 * sample: readers such as Hugging Face `datasets` take the schema from the first samples of the first shard.
 */
export function composeSampleJson(dataset: Dataset, sample: SampleJsonInput): string {
  const json: Record<string, SampleJson> = {
    caption: sample.text.caption,
    frame_count: sample.frameCount,
    source: sourceNameOf(dataset, sample.part.subset),
    video_id: sample.videoId ?? stem(sample.member),
    ...textKeys(dataset, sample.text),
    ...mediaKeys(dataset, sample.media),
    ...(hasSubsets(dataset) ? { subset: sample.part.subset } : {}),
    part: sample.part.part,
    member: sample.member,
    license: dataset.license,
  };
  for (const [name, { type }] of Object.entries(dataset.fields)) {
    const value = sample.fields[name] ?? null;
    json[name] = type === "float" && value !== null ? new Float(Number(value)) : value;
  }
  return sampleJsonText(json);
}

/** Only datasets of conversations have these keys; a caption table has none of them. */
function textKeys(dataset: Dataset, text: SampleText): Record<string, SampleJson> {
  if (dataset.text.adapter === "caption") return {};
  return {
    user: text.user,
    assistant: text.assistant,
    conversations: text.conversations?.map(({ user, assistant }) => ({ user, assistant })) ?? null,
  };
}

function mediaKeys(dataset: Dataset, media: SampleMedia): Record<string, SampleJson> {
  if (dataset.media === "images") {
    const size = media.kind === "images" ? media : { width: null, height: null };
    return { width: size.width, height: size.height };
  }
  const clip = media.kind === "clip" ? media : null;
  return {
    frame_times: clip?.timesS.map((time) => new Float(time, 3)) ?? null,
    duration: clip === null ? null : new Float(clip.info.durationS, 3),
    width: clip?.info.width ?? null,
    height: clip?.info.height ?? null,
    fps: clip === null ? null : new Float(clip.info.fps, 3),
    codec: clip?.info.codec ?? null,
    complete: clip?.complete ?? null,
  };
}

function hasSubsets(dataset: Dataset): boolean {
  return dataset.parts.some((rule) => placeholdersOf(rule.path).includes("subset"));
}

/** Keys that composeSampleJson or a trainer gives a meaning to: no catalogue field may take them. */
export const reservedSampleKeys: readonly string[] = [
  ...["caption", "frame_count", "source", "video_id", "user", "assistant", "conversations", "frame_times"],
  ...["duration", "width", "height", "fps", "codec", "complete", "subset", "part", "member", "license"],
  ...["token_ids", "loss_mask", "is_text_only", "chosen_assistant", "rejected_assistant"],
  ...["chosen_token_ids", "chosen_loss_mask", "rejected_token_ids", "rejected_loss_mask"],
];
