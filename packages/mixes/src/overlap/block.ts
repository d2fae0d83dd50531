import { keyOfMember } from "@shardmill/core";
import { type FramePrint, flatFrame, unreadableFrame } from "@shardmill/shards";
import type { ComparedSample, ComparedSet } from "./compared-set.ts";
import { writeWords } from "./frame-words.ts";

/** Frames of a clip that have a print, and words of each. */
export const framesOfClip = 3;
const wordsOfFrame = 2;

/** Some samples of a set, one behind the other: what two of them take is all that a comparison holds. */
export interface Block {
  /** The number of its first sample in the set. */
  readonly first: number;
  readonly samples: readonly ComparedSample[];
  /** For each sample the number of its shard. */
  readonly shards: Uint32Array;
  /** For each sample the words of three frames; zeros where a frame has none. */
  readonly words: Uint32Array;
  /** For each sample a bit for each frame that has words. */
  readonly telling: Uint8Array;
  /** For each sample what it shares with others of its media, or of pieces of one: those belong together without being compared. */
  readonly kin: readonly string[];
}

/** At most 2^20: a key of the comparison holds the number of a sample in 20 bits. */
export const samplesPerBlock = 1 << 17;

export async function* blocksOf(set: ComparedSet, size: number, signal: AbortSignal): AsyncGenerator<Block> {
  let first = 0;
  let samples: ComparedSample[] = [];
  let shards: number[] = [];
  for (const [number, { shard }] of set.shards.entries()) {
    signal.throwIfAborted();
    for (const sample of await set.read(shard, signal)) {
      samples.push(sample);
      shards.push(number);
      if (samples.length < size) continue;
      yield blockOf(first, samples, shards);
      first += samples.length;
      [samples, shards] = [[], []];
    }
  }
  if (samples.length > 0) yield blockOf(first, samples, shards);
}

function blockOf(first: number, samples: readonly ComparedSample[], shards: readonly number[]): Block {
  const words = new Uint32Array(samples.length * framesOfClip * wordsOfFrame);
  const telling = new Uint8Array(samples.length);
  for (const [at, { frames }] of samples.entries())
    for (const [frame, print] of frames.entries()) {
      if (!hasVote(print)) continue;
      writeWords(print, words, wordAt(at, frame));
      telling[at] = (telling[at] ?? 0) | (1 << frame);
    }
  return { first, samples, shards: Uint32Array.from(shards), words, telling, kin: samples.map(kinOf) };
}

export function wordAt(sample: number, frame: number): number {
  return (sample * framesOfClip + frame) * wordsOfFrame;
}

function kinOf({ group, key }: ComparedSample): string {
  return group ?? `key:${keyOfMember(key)}`;
}

/** A frame that looks like thousands of others has none, and one that cannot be decoded. */
export function hasVote(print: FramePrint): boolean {
  return print !== flatFrame && print !== unreadableFrame;
}
