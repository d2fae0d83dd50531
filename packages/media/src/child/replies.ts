import { type Code, isCode, type SpanResult } from "@shardmill/core";
import { z } from "zod";
import type { Message } from "./message-stream.ts";
import { parseHeader } from "./parse-header.ts";

const rejectionSchema = z.object({
  code: z.custom<Code>((code) => typeof code === "string" && isCode(code), "expected a known code"),
  detail: z.string(),
});

const imageHeaderSchema = z.object({ kind: z.literal("image"), width: z.number(), height: z.number() });

const framesHeaderSchema = z.object({
  kind: z.literal("frames"),
  timesS: z.array(z.number()).readonly(),
  info: z.object({
    durationS: z.number(),
    width: z.number(),
    height: z.number(),
    fps: z.number(),
    codec: z.string(),
  }),
  wanted: z.number(),
  decoded: z.number(),
  complete: z.boolean(),
  decodeErrors: z.number(),
  remarks: z
    .array(z.object({ code: z.enum(["colour_tags_ignored", "clip_unlike_its_packets"]), detail: z.string() }))
    .readonly(),
});

/** A clip for each stretch; the parts are the frames of all of them, one after the other. */
const spansHeaderSchema = z.object({
  kind: z.literal("spans"),
  clips: z
    .array(
      z.discriminatedUnion("kind", [
        framesHeaderSchema,
        z.object({ kind: z.literal("rejected"), rejection: rejectionSchema }),
      ]),
    )
    .readonly(),
});

/** `ready` comes once after a child's start, `probe` at most once in mid clip; the others end a request. */
const replyHeaderSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("probe"), durationS: z.number() }),
  z.object({ kind: z.literal("loaded"), version: z.string() }),
  /** The child met an error that is no verdict on the clip (a full disk, a bug). */
  z.object({ kind: z.literal("broken"), detail: z.string() }),
  z.object({ kind: z.literal("rejected"), rejection: rejectionSchema }),
  imageHeaderSchema,
  framesHeaderSchema,
  spansHeaderSchema,
]);

/** What a child sends: the header of a message. A picture, or a clip's frames, are the message's parts. */
export type ReplyHeader = z.output<typeof replyHeaderSchema>;

/** A reply as the pool takes it: header and parts in one. */
export type ChildReply =
  | Exclude<ReplyHeader, { kind: "image" | "frames" | "spans" }>
  | { readonly kind: "spans"; readonly clips: readonly SpanResult[] }
  | (z.output<typeof imageHeaderSchema> & { readonly jpeg: Uint8Array })
  | (z.output<typeof framesHeaderSchema> & { readonly frames: readonly Uint8Array[] });

/** Reads a message as a reply, or throws: a decoder that has overwritten its own memory can send anything. */
export function parseReply({ header, parts }: Message): ChildReply {
  const reply = parseHeader(replyHeaderSchema, header);
  switch (reply.kind) {
    case "image":
      return { ...reply, jpeg: pictureOf(parts) };
    case "frames":
      if (reply.timesS.length !== parts.length || parts.some((frame) => frame.byteLength === 0))
        throw new Error(`frames reply with ${parts.length} frames and ${reply.timesS.length} times`);
      return { ...reply, frames: parts };
    case "spans":
      return { kind: "spans", clips: spansOf(reply.clips, parts) };
    default:
      return reply;
  }
}

function spansOf(
  clips: z.output<typeof spansHeaderSchema>["clips"],
  parts: readonly Uint8Array[],
): SpanResult[] {
  const expected = clips.reduce((sum, clip) => sum + (clip.kind === "frames" ? clip.timesS.length : 0), 0);
  if (expected !== parts.length || parts.some((frame) => frame.byteLength === 0))
    throw new Error(`spans reply with ${parts.length} frames and ${expected} times`);
  let at = 0;
  return clips.map((clip): SpanResult => {
    if (clip.kind === "rejected") return clip;
    const from = at;
    at += clip.timesS.length;
    return { ...clip, frames: parts.slice(from, at) };
  });
}

function pictureOf([jpeg]: readonly Uint8Array[]): Uint8Array {
  if (jpeg === undefined || jpeg.byteLength === 0) throw new Error("image reply without an image");
  return jpeg;
}
