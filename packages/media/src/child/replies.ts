import { type ClipInfo, type ClipRemark, isCode, type Rejection } from "@shardmill/core";
import type { Message } from "./message-stream.ts";

/** What a child answers. `ready` comes once after its start, `probe` at most once in mid clip; the others end a request. */
export type ChildReply =
  | { readonly kind: "ready" }
  | { readonly kind: "probe"; readonly durationS: number }
  | { readonly kind: "loaded"; readonly version: string }
  /** The child met an error that is no verdict on the clip (a full disk, a bug). */
  | { readonly kind: "broken"; readonly detail: string }
  | { readonly kind: "rejected"; readonly rejection: Rejection }
  | {
      readonly kind: "image";
      readonly width: number;
      readonly height: number;
      readonly jpeg: Uint8Array;
    }
  | {
      readonly kind: "frames";
      readonly frames: readonly Uint8Array[];
      readonly timesS: readonly number[];
      readonly info: ClipInfo;
      readonly wanted: number;
      readonly decoded: number;
      readonly complete: boolean;
      readonly decodeErrors: number;
      readonly remarks: readonly ClipRemark[];
    };

/** Reads a message as a reply, or throws: a decoder that has overwritten its own memory can send anything. */
export function parseReply({ header, parts }: Message): ChildReply {
  switch (header.kind) {
    case "ready":
      return { kind: "ready" };
    case "probe":
      return { kind: "probe", durationS: number(header, "durationS") };
    case "loaded":
      return { kind: "loaded", version: text(header, "version") };
    case "broken":
      return { kind: "broken", detail: text(header, "detail") };
    case "rejected":
      return { kind: "rejected", rejection: rejection(header.rejection) };
    case "image":
      return imageReply(header, parts);
    case "frames":
      return framesReply(header, parts);
    default:
      throw new Error("reply of an unknown kind from a media child");
  }
}

type Fields = Readonly<Record<string, unknown>>;

function imageReply(header: Fields, parts: readonly Uint8Array[]): ChildReply {
  const [jpeg] = parts;
  if (jpeg === undefined || jpeg.byteLength === 0) throw new Error("image reply without an image");
  return { kind: "image", jpeg, width: number(header, "width"), height: number(header, "height") };
}

function framesReply(header: Fields, frames: readonly Uint8Array[]): ChildReply {
  const timesS = numbers(header.timesS);
  if (timesS.length !== frames.length || frames.some((frame) => frame.byteLength === 0))
    throw new Error(`frames reply with ${frames.length} frames and ${timesS.length} times`);
  return {
    kind: "frames",
    frames,
    timesS,
    info: clipInfo(header.info),
    wanted: number(header, "wanted"),
    decoded: number(header, "decoded"),
    complete: header.complete === true,
    decodeErrors: number(header, "decodeErrors"),
    remarks: remarks(header.remarks),
  };
}

function clipInfo(value: unknown): ClipInfo {
  const fields = object(value);
  return {
    durationS: number(fields, "durationS"),
    width: number(fields, "width"),
    height: number(fields, "height"),
    fps: number(fields, "fps"),
    codec: text(fields, "codec"),
  };
}

function remarks(value: unknown): ClipRemark[] {
  if (!Array.isArray(value)) throw new Error("reply without remarks");
  return value.map((entry: unknown) => {
    const fields = object(entry);
    const code = text(fields, "code");
    if (code !== "colour_tags_ignored" && code !== "clip_unlike_its_packets")
      throw new Error(`reply with the unknown remark ${code.slice(0, 40)}`);
    return { code, detail: text(fields, "detail") };
  });
}

function rejection(value: unknown): Rejection {
  const fields = object(value);
  const code = text(fields, "code");
  if (!isCode(code)) throw new Error(`reply with the unknown code ${code.slice(0, 40)}`);
  return { code, detail: text(fields, "detail") };
}

function object(value: unknown): Fields {
  if (typeof value !== "object" || value === null) throw new Error("reply without an expected object");
  return { ...value };
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Error(`reply without a number ${name}`);
  return value;
}

function numbers(value: unknown): number[] {
  if (!Array.isArray(value)) throw new Error("reply without times");
  return value.map((entry: unknown) => number({ entry }, "entry"));
}

function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string") throw new Error(`reply without a text ${name}`);
  return value;
}
