import { setImmediate } from "node:timers/promises";
import { type Block, framesOfClip, wordAt } from "./block.ts";
import { bandOf, distanceOf } from "./frame-words.ts";
import type { Join } from "./join.ts";

/** Of two prints of 64 bits. */
const nearAtMost = 3;
const votesNeeded = 2;
/** 2^20 samples at most in a block; with 32 bits of bands a key is a whole number below 2^53. */
const numbers = 2 ** 20;

/**
 * Pairs of clips of which two of three frames are near. Such a pair has a band in common in both frames, so that only those are
 * compared that agree in a band of each of two frames: for each choice of them both sides are sorted and read side by side.
 */
export async function nearPairs(join: Join, signal: AbortSignal): Promise<void> {
  for (const choice of choices) {
    // Each takes a while: whoever wants to end it is heard in between.
    await setImmediate();
    signal.throwIfAborted();
    const a = sortedKeys(join.a, choice);
    compareRuns(join, a, join.a === join.b ? a : sortedKeys(join.b, choice));
  }
}

interface Choice {
  readonly one: number;
  readonly other: number;
  readonly bandOfOne: number;
  readonly bandOfOther: number;
}

const framePairs = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;
const bandNumbers = [0, 1, 2, 3] as const;
const choices: readonly Choice[] = framePairs.flatMap(([one, other]) =>
  bandNumbers.flatMap((bandOfOne) =>
    bandNumbers.map((bandOfOther) => ({ one, other, bandOfOne, bandOfOther })),
  ),
);

function sortedKeys({ samples, words, telling }: Block, choice: Choice): Float64Array {
  const wanted = (1 << choice.one) | (1 << choice.other);
  const keys = new Float64Array(samples.length);
  let count = 0;
  for (let at = 0; at < samples.length; at += 1) {
    if (((telling[at] ?? 0) & wanted) !== wanted) continue;
    const one = bandOf(words, wordAt(at, choice.one), choice.bandOfOne);
    const other = bandOf(words, wordAt(at, choice.other), choice.bandOfOther);
    keys[count] = (one * 65_536 + other) * numbers + at;
    count += 1;
  }
  return keys.subarray(0, count).sort();
}

function compareRuns(join: Join, a: Float64Array, b: Float64Array): void {
  let [atA, atB] = [0, 0];
  while (atA < a.length && atB < b.length) {
    const key = Math.floor((a[atA] ?? 0) / numbers);
    const other = Math.floor((b[atB] ?? 0) / numbers);
    if (key < other) atA += 1;
    else if (key > other) atB += 1;
    else {
      const [endA, endB] = [endOfRun(a, atA, key), endOfRun(b, atB, key)];
      compareRun(join, samplesOf(a.subarray(atA, endA)), samplesOf(b.subarray(atB, endB)));
      [atA, atB] = [endA, endB];
    }
  }
}

function endOfRun(keys: Float64Array, from: number, key: number): number {
  const beyond = (key + 1) * numbers;
  let end = from;
  while (end < keys.length && (keys[end] ?? 0) < beyond) end += 1;
  return end;
}

function samplesOf(keys: Float64Array): number[] {
  return Array.from(keys, (key) => key % numbers);
}

/**
 * Every sample that is near another of the run stands in a pair afterwards, though not with all that it is near to: of a thousand copies
 * on either side that would be a million pairs.
 */
function compareRun(join: Join, a: readonly number[], b: readonly number[]): void {
  const tell = (one: number, other: number): boolean => {
    const distances = nearDistances(join, one, other);
    return distances !== null && join.tell("fingerprint", one, other, { of: null, distances });
  };
  let open = b.filter((other) => !join.isToldB("fingerprint", other));
  for (const one of a) {
    if (!join.isToldA("fingerprint", one)) b.some((other) => tell(one, other));
    if (open.length > 0)
      open = open.filter((other) => !join.isToldB("fingerprint", other) && !tell(one, other));
  }
}

/** Null where they are not near. */
function nearDistances({ a, b }: Join, one: number, other: number): (number | null)[] | null {
  const both = (a.telling[one] ?? 0) & (b.telling[other] ?? 0);
  const distances: (number | null)[] = [];
  let votes = 0;
  for (let frame = 0; frame < framesOfClip; frame += 1) {
    const distance =
      (both & (1 << frame)) === 0
        ? null
        : distanceOf(a.words, wordAt(one, frame), b.words, wordAt(other, frame));
    distances.push(distance);
    if (distance !== null && distance <= nearAtMost) votes += 1;
  }
  return votes >= votesNeeded ? distances : null;
}
