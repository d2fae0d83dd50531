import { type Block, blocksOf, hasVote, samplesPerBlock } from "./block.ts";
import type { ComparedSample, ComparedSet, RelatedPair } from "./compared-set.ts";
import { equalPairs } from "./equal-pairs.ts";
import { Join } from "./join.ts";
import { nearPairs } from "./near-pairs.ts";
import { type SetOverlap, Tally } from "./tally.ts";
import { Told } from "./told.ts";

export interface Overlap {
  readonly a: SetOverlap;
  readonly b: SetOverlap;
}

interface CompareOptions {
  readonly signal: AbortSignal;
  /** Every related sample of either set is in one at least. */
  readonly onPair: (pair: RelatedPair) => Promise<void> | void;
  readonly samplesPerBlock?: number;
}

/**
 * The samples of two sets that are related by group, by picture or by fingerprint; of a set with itself those across its groups. Memory is
 * that of two blocks of samples and a byte for each sample, whatever the sets hold and however much of it is alike.
 */
export async function compareSets(
  a: ComparedSet,
  b: ComparedSet,
  { signal, onPair, samplesPerBlock: size = samplesPerBlock }: CompareOptions,
): Promise<Overlap> {
  const told = new Told();
  const isSelf = a === b;
  const sides = { a: { set: a, told }, b: { set: b, told: isSelf ? told : new Told() } };
  const tallies = { a: new Tally(a), b: new Tally(b) };
  const steps = stepsOf(a, b);
  for await (const block of blocksOf(a, size, signal)) {
    tallies.a.add(block);
    for await (const other of othersOf(block)) {
      tallies.b.add(other);
      const join = new Join({ a: block, b: other }, sides);
      for (const step of steps) {
        signal.throwIfAborted();
        await step(join, signal);
        for (const pair of join.take()) await onPair(pair);
      }
    }
  }
  // Where nothing is in the one, nobody has looked into the other.
  if (!isSelf && tallies.a.isEmpty) for await (const block of blocksOf(b, size, signal)) tallies.b.add(block);
  const ofA = tallies.a.result(sides.a.told);
  return { a: ofA, b: isSelf ? ofA : tallies.b.result(sides.b.told) };

  /** Of a set with itself each two blocks meet once. */
  async function* othersOf(block: Block): AsyncGenerator<Block> {
    if (isSelf) yield block;
    for await (const other of blocksOf(b, size, signal))
      if (!isSelf || other.first > block.first) yield other;
  }
}

type Step = (join: Join, signal: AbortSignal) => Promise<void> | void;

/** The same prints are looked for before near ones: where there is one, the pair that is told of is the nearest. */
function stepsOf(a: ComparedSet, b: ComparedSet): Step[] {
  const isComparable = comparableGroup(a, b);
  const groupOf = ({ group }: ComparedSample): readonly string[] =>
    group !== null && isComparable(group) ? [group] : [];
  const plain = (of: string): { of: string; distances: null } => ({ of, distances: null });
  return [
    (join) => equalPairs(join, { cause: "group", valuesOf: groupOf, told: plain }),
    (join) => equalPairs(join, { cause: "picture", valuesOf: ({ pictures }) => pictures, told: plain }),
    (join) =>
      equalPairs(join, {
        cause: "fingerprint",
        valuesOf: wholePrint,
        told: () => ({ of: null, distances: [0, 0, 0] }),
      }),
    nearPairs,
  ];
}

/** A member's name says nothing outside its dataset, and a picture's group is the picture, which is compared anyway. */
function comparableGroup(a: ComparedSet, b: ComparedSet): (group: string) => boolean {
  if (a === b) return () => false;
  return (group) => !group.startsWith("img:") && (a.entry === b.entry || !group.startsWith("member:"));
}

/** Of clips whose three frames have a vote each. */
function wholePrint({ frames }: ComparedSample): readonly string[] {
  return frames.length > 0 && frames.every(hasVote) ? [frames.join(" ")] : [];
}
