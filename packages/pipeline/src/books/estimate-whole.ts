import { blockBytes } from "@shardmill/core";
import { estimateTime, type TimeEstimate, type TriedTime } from "./estimate-time.ts";
import { added, around, errorOf, ofRest, type Reach, rounded, sum, sumsOf } from "./spread.ts";

/** A part of which a small build took some: what it is at the source, and what came of it. */
export interface TriedPart {
  readonly sourceBytes: number;
  /** Annotated members of the whole part; null where its directory does not tell. */
  readonly whole: number | null;
  /** Of those the ones that were taken, and the samples that they gave. */
  readonly taken: number;
  readonly samples: number;
  readonly bytesRead: number;
}

export interface Tried extends TriedTime {
  readonly parts: readonly TriedPart[];
  readonly samplesPerShard: number;
}

export interface WholeEstimate {
  readonly samples: Reach;
  readonly diskBytes: Reach;
  readonly seconds: Reach;
  readonly sourceBytes: number;
  /** What the time was reckoned from. */
  readonly pace: Pick<TimeEstimate, "stepS" | "fixedS" | "loadFactor"> & { readonly samples: number };
}

/** A part's beginning is no random choice of it. */
const ofBeginnings = 0.1;
/** Where all that is known is one part of several, or of a stream, which is read ahead, only its beginning. */
const ofOneOrStream = 0.5;

/**
 * What the whole would take, going by what was tried. The spread is the error (spread.ts) of each share that was measured (samples that a
 * member gives, bytes of a sample, seconds from one to the next, samples a source byte from part to part); all of that the less,
 * the more of the whole was tried.
 */
export function estimateWhole(tried: Tried, wholeBytes: readonly number[]): WholeEstimate | null {
  const parts = tried.parts.filter(({ samples, sourceBytes }) => samples > 0 && sourceBytes > 0);
  const bytes = added(tried.shards.map(({ pace }) => pace.bytes));
  if (parts.length === 0 || bytes.count === 0) return null;
  const taken = sum(parts.map((part) => part.taken));
  const share = sum(parts.map(({ samples }) => samples)) / taken;
  const sourceBytes = sum(wholeBytes);
  const about = (sourceBytes * sum(parts.map(samplesOf))) / sum(parts.map((part) => part.sourceBytes));
  const samples = around(about, samplesSpread(tried, parts, wholeBytes.length));
  const mean = bytes.sum / bytes.count;
  const ofBytes = (ofBeginnings + errorOf(bytes)) * ofRest(bytes.count, about);
  const { stepS, fixedS, loadFactor, ...seconds } = estimateTime(tried, {
    triedParts: parts.length,
    parts: wholeBytes.length,
    shards: Math.max(wholeBytes.length, Math.ceil(about / share / tried.samplesPerShard)),
    members: { low: samples.low / share, about: about / share, high: samples.high / share },
  });
  return {
    samples: rounded(samples),
    diskBytes: rounded({
      low: samples.low * mean * Math.max(0, 1 - ofBytes),
      about: about * mean,
      high:
        samples.high * mean * (1 + ofBytes) +
        maxEndBytes * Math.max(wholeBytes.length, Math.ceil(samples.high / share / tried.samplesPerShard)),
    }),
    seconds: rounded(seconds),
    sourceBytes,
    pace: { stepS, fixedS, loadFactor, samples: bytes.count },
  };
}

/** A tar ends in two blocks of zeros, and is filled up with them to a multiple of 10,240. */
const maxEndBytes = 2 * blockBytes + (10_240 - blockBytes);

function samplesSpread({ shards }: Tried, parts: readonly TriedPart[], wholeParts: number): number {
  const taken = sum(parts.map((part) => part.taken));
  const isAll = parts.length === wholeParts;
  const isCounted = parts.every(({ whole }) => whole !== null);
  const members = isAll && isCounted ? sum(parts.map(({ whole }) => whole ?? 0)) : Number.POSITIVE_INFINITY;
  const ofMembers = errorOf(added(shards.map(({ pace }) => pace.gave))) + 1 / taken;
  const perByte = parts.map((part) => samplesOf(part) / part.sourceBytes);
  const betweenParts = isAll ? 0 : parts.length < 2 ? ofOneOrStream : errorOf(sumsOf(perByte));
  return ofMembers * ofRest(taken, members) + betweenParts + (isCounted ? 0 : ofOneOrStream);
}

/** Samples that the whole part would give. */
function samplesOf({ whole, taken, samples, sourceBytes, bytesRead }: TriedPart): number {
  const members = whole ?? (taken * sourceBytes) / Math.max(1, Math.min(bytesRead, sourceBytes));
  return (members * samples) / taken;
}
