import {
  type ClipInfo,
  type ClipSpan,
  type ConversationTokens,
  type Dataset,
  Float,
  type PartId,
  type SampleJson,
  type SampleText,
  sampleJsonText,
  sourceNameOf,
  stem,
  type Turn,
  termsOf,
  turnsOf,
} from "@shardmill/core";
import { placeholdersOf } from "./path-pattern.ts";
import type { FieldValue } from "./text/record-fields.ts";
import type { TextKey } from "./text/text-adapter.ts";
import { textAdapterOf } from "./text/text-adapters.ts";

/** What a sample shows besides its text. */
export type SampleMedia =
  | {
      readonly kind: "clip";
      readonly timesS: readonly number[];
      readonly info: ClipInfo;
      /** False for a clip that was kept though frames are lacking (recipe.minFrameShare). */
      readonly complete: boolean;
      /** The stretch of the clip that is shown, where records have bounds; null for all of it. */
      readonly span?: ClipSpan | null;
    }
  /** Frames that somebody else took out of a video: nothing is known of the video itself, but perhaps their rate. */
  | {
      readonly kind: "frames";
      readonly clock?: {
        readonly timesS: readonly number[];
        readonly durationS: number;
        readonly fps: number;
        readonly span: ClipSpan | null;
      };
    }
  /** Size as in the source; null where a sample has several images. */
  | { readonly kind: "images"; readonly width: number | null; readonly height: number | null }
  | { readonly kind: "none" };

/** What is made of a conversation's tokens. */
type SampleTokens = Pick<ConversationTokens, "tokenIds" | "lossMask">;

export interface SampleJsonInput {
  readonly part: PartId;
  /** The member's full name in its archive. */
  readonly member: string;
  /** The member's file name without extension unless given. */
  readonly videoId?: string;
  /** `source`, where it is not that of its part alone. */
  readonly source?: string;
  readonly frameCount: number;
  readonly text: SampleText;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly media: SampleMedia;
  /** Where the recipe makes tokens: of its one conversation, or of each side of a pair. */
  readonly tokens?: { readonly made: TokensMade; readonly keepRaw: boolean } | undefined;
}

type TokensMade =
  | { readonly kind: "one"; readonly tokens: SampleTokens }
  | { readonly kind: "pair"; readonly chosen: SampleTokens; readonly rejected: SampleTokens };

/**
 * The JSON beside the frames, with the text as it is. Keys, their order and their types follow from the dataset alone, never from the
 * sample: readers such as Hugging Face `datasets` take the schema from the first samples of the first shard.
 */
export function composeSampleJson(dataset: Dataset, sample: SampleJsonInput): string {
  const { tokens } = sample;
  const text = tokens?.keepRaw === false ? { caption: {}, turns: {} } : textKeys(dataset, sample.text);
  const source = { source: sample.source ?? sourceNameOf(dataset, sample.part.subset) };
  const frames = { frame_count: sample.frameCount };
  const json: Record<string, SampleJson> = {
    ...(tokens === undefined
      ? { ...text.caption, ...frames, ...source }
      : { ...tokenKeys(tokens.made), ...source, ...frames, ...text.caption }),
    video_id: sample.videoId ?? stem(sample.member),
    ...text.turns,
    ...mediaKeys(dataset, sample.media),
    ...(hasSubsets(dataset) ? { subset: sample.part.subset } : {}),
    part: sample.part.part,
    member: sample.member,
    license: termsOf(dataset, sample.part.subset).license,
  };
  for (const [name, { type }] of Object.entries(dataset.fields)) {
    const value = sample.fields[name] ?? null;
    json[name] = type === "float" && value !== null ? new Float(Number(value)) : value;
  }
  return sampleJsonText(json);
}

/** The keys that tokens are written under: of a pair, those of both sides. */
function tokenKeys(made: TokensMade): Record<string, SampleJson> {
  switch (made.kind) {
    case "one": {
      const { tokenIds, lossMask } = made.tokens;
      return { token_ids: tokenIds, loss_mask: lossMask };
    }
    case "pair": {
      const { chosen, rejected } = made;
      return {
        chosen_token_ids: chosen.tokenIds,
        chosen_loss_mask: chosen.lossMask,
        rejected_token_ids: rejected.tokenIds,
        rejected_loss_mask: rejected.lossMask,
      };
    }
    default:
      return made satisfies never;
  }
}

/**
 * The keys that the dataset's adapter writes. `caption` is always a text, since readers that know no turns train on it:
 * where the record has none it repeats the first answer, and `caption_from` says so. Of several turns `user` and
 * `assistant` are the first.
 */
export function textKeys(
  dataset: Dataset,
  text: SampleText,
): Record<"caption" | "turns", Record<string, SampleJson>> {
  const { writesKeys } = textAdapterOf(dataset.text);
  const { pair } = text;
  const turns = text.conversations.flatMap(turnsOf);
  const [first] = turns;
  const answer = first?.assistant ?? pair?.chosen ?? null;
  const written = (keys: Partial<Record<TextKey, SampleJson>>): Record<string, SampleJson> =>
    Object.fromEntries(writesKeys.flatMap((key) => (keys[key] === undefined ? [] : [[key, keys[key]]])));
  return {
    caption: written({
      caption: text.caption ?? answer,
      caption_from: captionFrom(text.caption, answer),
    }),
    turns: written({
      user: first?.user ?? askedIn(pair),
      assistant: first?.assistant ?? null,
      conversations: turns.length === 0 ? null : turns.map(turnJson),
      chosen_assistant: pair?.chosen ?? null,
      rejected_assistant: pair?.rejected ?? null,
      prompt: pair?.prompt.map(({ role, text: content }) => ({ role, content })) ?? null,
    }),
  };
}

function captionFrom(caption: string | null, answer: string | null): "caption" | "answer" | null {
  if (caption !== null) return "caption";
  return answer === null ? null : "answer";
}

/** What is asked last. */
function askedIn(pair: SampleText["pair"]): string | null {
  if (pair === undefined) return null;
  const last = pair.prompt.at(-1);
  return last?.role === "user" ? last.text : "";
}

/** The same keys in every turn, for readers that take a type from the first. */
function turnJson({ system, user, assistant }: Turn): SampleJson {
  return { system, user, assistant };
}

function mediaKeys({ media: kind, bounds }: Dataset, media: SampleMedia): Record<string, SampleJson> {
  switch (kind) {
    case "images":
    case "pair": {
      const size = media.kind === "images" ? media : { width: null, height: null };
      return { width: size.width, height: size.height };
    }
    case "video":
      return { ...videoKeys(media), ...(bounds === undefined ? {} : spanKeys(spanOf(media))) };
    case "none":
      return { is_text_only: true };
    default:
      return kind satisfies never;
  }
}

function videoKeys(media: SampleMedia): Record<string, SampleJson> {
  const known = clipKeys(media.kind === "clip" ? media : null);
  if (media.kind !== "frames" || media.clock === undefined) return known;
  const { timesS, durationS, fps } = media.clock;
  return {
    ...known,
    frame_times: timesS.map((time) => new Float(time, 3)),
    duration: new Float(durationS, 3),
    fps: new Float(fps, 3),
  };
}

function spanOf(media: SampleMedia): ClipSpan | null | undefined {
  if (media.kind === "clip") return media.span;
  return media.kind === "frames" ? media.clock?.span : null;
}

function spanKeys(span: ClipSpan | null | undefined): Record<string, SampleJson> {
  return {
    start: span == null ? null : new Float(span.startS, 3),
    end: span?.endS == null ? null : new Float(span.endS, 3),
  };
}

function clipKeys(clip: Extract<SampleMedia, { kind: "clip" }> | null): Record<string, SampleJson> {
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
  return dataset.parts.some(
    (rule) => rule.subset !== undefined || placeholdersOf(rule.path).includes("subset"),
  );
}

/** Keys that composeSampleJson or a trainer gives a meaning to: no catalogue field may take them. */
export const reservedSampleKeys: readonly string[] = [
  ...[
    "caption",
    "caption_from",
    "frame_count",
    "source",
    "video_id",
    "user",
    "assistant",
    "conversations",
    "frame_times",
  ],
  ...[
    "duration",
    "width",
    "height",
    "fps",
    "codec",
    "complete",
    "start",
    "end",
    "subset",
    "part",
    "member",
    "license",
  ],
  ...["token_ids", "loss_mask", "is_text_only", "chosen_assistant", "rejected_assistant", "prompt"],
  ...["chosen_token_ids", "chosen_loss_mask", "rejected_token_ids", "rejected_loss_mask"],
  ...["frame_offsets", "frame_padding"],
];
