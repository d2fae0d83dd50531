import {
  type Dataset,
  Failure,
  type Message,
  messagesOfTurn,
  type PreferencePair,
  parseExactJson,
  type SampleText,
} from "@shardmill/core";
import { z } from "zod";
import type { SampleJsonInput, SampleMedia } from "./sample-json.ts";

const turn = z.object({ system: z.string().nullable(), user: z.string(), assistant: z.string() });
const asked = z.object({ role: z.enum(["system", "user", "assistant"]), content: z.string() });
const whole = z.union([z.number(), z.bigint()]);

/** What composeSampleJson writes, of all datasets; what another dataset has not is not there. */
const sampleSchema = z.looseObject({
  caption: z.string().nullable().optional(),
  caption_from: z.enum(["caption", "answer"]).nullable().optional(),
  conversations: z.array(turn).nullable().optional(),
  prompt: z.array(asked).optional(),
  chosen_assistant: z.string().optional(),
  rejected_assistant: z.string().optional(),
  frame_count: z.int(),
  video_id: z.string(),
  frame_times: z.array(z.number()).nullable().optional(),
  duration: z.number().nullable().optional(),
  width: z.int().nullable().optional(),
  height: z.int().nullable().optional(),
  fps: z.number().nullable().optional(),
  codec: z.string().nullable().optional(),
  complete: z.boolean().nullable().optional(),
  start: z.number().nullable().optional(),
  end: z.number().nullable().optional(),
  source: z.string(),
  subset: z.string().nullable().optional(),
  part: z.int(),
  member: z.string(),
});
type Read = z.output<typeof sampleSchema>;

/**
 * The other way of composeSampleJson: of a sample's JSON all that it was composed of, but for its tokens. Composed anew it has the
 * same bytes. Throws a Failure `shard_invalid` where it is no such JSON, or keeps no texts.
 */
export function rereadSampleJson(
  dataset: Dataset,
  json: string,
  key: string,
): Omit<SampleJsonInput, "tokens"> {
  const read = parsed(json, key);
  const text = textOf(read);
  if (text === null) throw invalid(key, "it keeps no text: only raw samples can be tokenized anew");
  return {
    part: { subset: read.subset ?? null, part: read.part },
    member: read.member,
    source: read.source,
    videoId: read.video_id,
    frameCount: read.frame_count,
    text,
    fields: fieldsOf(dataset, read),
    media: mediaOf(dataset, read),
  };
}

function parsed(json: string, key: string): Read {
  let value: unknown;
  try {
    value = parseExactJson(json).value;
  } catch (cause) {
    throw invalid(key, "it is no JSON", cause);
  }
  const result = sampleSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(key, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "it is of another form"}`);
}

function invalid(key: string, what: string, cause?: unknown): Failure {
  return new Failure("shard_invalid", `the JSON of ${key}: ${what}`, {
    where: { member: key },
    cause,
    retry: "never",
  });
}

/** Null where no text was kept. Every turn says what it stands under, so that each may be a conversation. */
function textOf(read: Read): SampleText | null {
  const pair = pairOf(read);
  if (pair !== null) return { caption: null, conversations: [], pair };
  const caption = read.caption_from === "caption" ? (read.caption ?? null) : null;
  const conversations: Message[][] = (read.conversations ?? []).map(messagesOfTurn);
  return caption === null && conversations.length === 0 ? null : { caption, conversations };
}

function pairOf({
  prompt,
  chosen_assistant: chosen,
  rejected_assistant: rejected,
}: Read): PreferencePair | null {
  if (prompt === undefined || chosen === undefined || rejected === undefined) return null;
  return { prompt: prompt.map(({ role, content }) => ({ role, text: content })), chosen, rejected };
}

function mediaOf({ media, bounds }: Dataset, read: Read): SampleMedia {
  switch (media) {
    case "none":
      return { kind: "none" };
    case "images":
    case "pair":
      return { kind: "images", width: read.width ?? null, height: read.height ?? null };
    case "video":
      return videoOf(read, bounds !== undefined);
    default:
      return media satisfies never;
  }
}

function videoOf(read: Read, isBounded: boolean): SampleMedia {
  const { frame_times: timesS, duration, width, height, fps, codec, complete } = read;
  if (timesS == null || duration == null || fps == null) return { kind: "frames" };
  const span = !isBounded || read.start == null ? null : { startS: read.start, endS: read.end ?? null };
  // Only a clip has a size and a codec: of a run of pictures no more than its rate is known.
  if (width == null || height == null || codec == null)
    return { kind: "frames", clock: { timesS, durationS: duration, fps, span } };
  const info = { durationS: duration, width, height, fps, codec };
  return { kind: "clip", timesS, info, complete: complete ?? true, span };
}

function fieldsOf({ fields }: Dataset, read: Read): SampleJsonInput["fields"] {
  const values: Record<string, string | number | bigint | null> = {};
  for (const name of Object.keys(fields)) {
    const value = z
      .union([z.string(), whole])
      .nullable()
      .safeParse(read[name] ?? null);
    values[name] = value.success ? value.data : null;
  }
  return values;
}
