import { naturalOrder } from "@shardmill/core";
import { isFrame, type Sample } from "../look/sample.ts";
import { memberNamePattern, memberNameProblem } from "../write/member-name.ts";
import { recordBytes } from "../write/tar-packer.ts";
import type { TarPiece } from "./tar-entries.ts";

export type TarProblemCode =
  | "tar_structure"
  | "tar_format"
  | "tar_names"
  | "tar_order"
  | "duplicate_key"
  | "metadata"
  | "frames"
  /** A clip's times step back, or are not as many as its frames. */
  | "frame_times"
  | "image";

export interface TarProblem {
  readonly code: TarProblemCode;
  readonly detail: string;
}

/** Looks at one sample's content as it is met: how many pictures it shows, and what is wrong with it. */
export type SampleLook = (
  sample: Sample,
) => Promise<{ readonly frames: number; readonly problems: readonly TarProblem[] }>;

const problemsPerCode = 20;

/** Puts a tar's entries together into samples as any reader does, and notes what a reader would trip over. */
export class SampleWalk {
  readonly problems: TarProblem[] = [];
  readonly keys = new Set<string>();
  /** Header offsets of the samples, in order, and that of the end blocks when they were met. */
  readonly offsets: number[] = [];
  readonly #look: SampleLook | null;
  readonly #counts = new Map<TarProblemCode, number>();
  frames = 0;
  samples = 0;
  firstKey: string | null = null;
  lastKey: string | null = null;
  #members: { suffix: string; parts: Uint8Array[] }[] = [];
  #lastName = "";

  constructor(look: SampleLook | null) {
    this.#look = look;
  }

  async piece(piece: TarPiece): Promise<void> {
    switch (piece.kind) {
      case "entry":
        return this.#entry(piece.name, piece.headerOffset);
      case "data":
        if (this.#look !== null) this.#members.at(-1)?.parts.push(piece.bytes);
        return;
      case "oddity":
        return this.#add("tar_format", piece.detail);
      case "problem":
        return this.#add("tar_structure", piece.detail);
      case "end":
        this.offsets.push(piece.endOffset);
        if (piece.sizeBytes % recordBytes === 0) return;
        return this.#add(
          "tar_structure",
          `the archive is not padded to ${recordBytes} bytes: ${piece.sizeBytes}`,
        );
      default:
        piece satisfies never;
    }
  }

  /** The last sample is complete only when nothing follows it. */
  async close(): Promise<void> {
    if (this.lastKey === null || this.#look === null) return;
    const members = this.#members.map(({ suffix, parts }) => ({ suffix, bytes: Buffer.concat(parts) }));
    const { frames, problems } = await this.#look({ key: this.lastKey, members });
    this.frames += frames;
    for (const { code, detail } of problems) this.#add(code, detail);
  }

  async #entry(name: string, headerOffset: number): Promise<void> {
    const [, key = name, suffix = ""] = memberNamePattern.exec(name) ?? [];
    const problem = memberNameProblem(key, suffix);
    if (problem !== null) this.#add("tar_names", problem);
    if (key !== this.lastKey) await this.#begin(key, headerOffset);
    else if (name === this.#lastName) this.#add("tar_order", `${name} comes twice`);
    else if (name < this.#lastName) this.#add("tar_order", `${name} comes after ${this.#lastName}`);
    this.#lastName = name;
    this.#members.push({ suffix, parts: [] });
    if (this.#look === null && isFrame(suffix)) this.frames += 1;
  }

  async #begin(key: string, headerOffset: number): Promise<void> {
    await this.close();
    if (this.keys.has(key)) {
      this.#add("duplicate_key", `${key} comes twice, or its members do not lie together`);
    } else if (this.lastKey !== null && naturalOrder(key, this.lastKey) < 0) {
      // Keys end in numbers without a fixed width: position 1000000 comes after 999999.
      this.#add("tar_order", `${key} comes after ${this.lastKey}`);
    }
    this.keys.add(key);
    this.offsets.push(headerOffset);
    this.samples += 1;
    this.firstKey ??= key;
    this.lastKey = key;
    this.#members = [];
  }

  /** A shard of another tool may break one rule a thousand times; twenty lines say as much. */
  #add(code: TarProblemCode, detail: string): void {
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count <= problemsPerCode) this.problems.push({ code, detail });
    if (count === problemsPerCode + 1) this.problems.push({ code, detail: "and more of the same" });
  }
}
