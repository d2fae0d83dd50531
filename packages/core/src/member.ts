import type { Rejection } from "./failure.ts";
import type { ClipSpan } from "./media.ts";

/** A raw annotation record, as its file has it, with the name of its set (catalogue: annotations.files[].set). */
export interface AnnotationRecord {
  readonly set: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a member holds. Bytes are in memory; a video is one file, an image sample one or more. */
export type MemberContent =
  | {
      readonly kind: "file";
      readonly bytes: Uint8Array;
      /** What came with it, where its record lies in its archive. */
      readonly record?: AnnotationRecord;
      /** All stretches that its shard takes of this file: one and the same list for each of its members. */
      readonly cuts?: readonly ClipSpan[];
    }
  /** Images in order. A null is an image whose bytes the source does not have. */
  | {
      readonly kind: "images";
      readonly images: readonly (Uint8Array | null)[];
      /** Of a run of pictures some of which are here: how many it has, and the place of each image in it. */
      readonly run?: { readonly count: number; readonly places: readonly number[] };
      readonly record: AnnotationRecord | null;
    }
  /** A sample of a shard, with its files in their order. */
  | {
      readonly kind: "sample";
      readonly members: readonly { readonly suffix: string; readonly bytes: Uint8Array }[];
    };

/** One entry as it comes out of an archive, in archive order. */
export type StreamedMember = { readonly position: number; readonly name: string } & (
  | { readonly kind: "member"; readonly content: MemberContent; readonly sizeBytes: number }
  | { readonly kind: "rejected"; readonly rejection: Rejection }
);

/** Where a zip entry lies. Offsets are absolute in the (virtual) archive. */
export interface ZipEntry {
  readonly position: number;
  readonly name: string;
  readonly localHeaderOffset: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly method: number;
}

/** Where a plain tar's entry lies. */
export interface TarEntry {
  readonly position: number;
  readonly name: string;
  readonly dataOffset: number;
  readonly sizeBytes: number;
}
