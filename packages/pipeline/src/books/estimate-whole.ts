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

export interface Tried {
  readonly parts: readonly TriedPart[];
  /** Bytes of each of some samples in their shards. */
  readonly sampleBytes: readonly number[];
  /** Seconds in which shards were being made, and those around them. */
  readonly busyS: number;
  readonly aroundS: number;
}

/** Between which two figures the whole is expected to end, and about where. */
export interface Reach {
  readonly low: number;
  readonly about: number;
  readonly high: number;
}

export interface WholeEstimate {
  readonly samples: Reach;
  readonly diskBytes: Reach;
  readonly seconds: Reach;
  readonly sourceBytes: number;
}

/**
 * What the whole would take, going by what was tried. The spread is two standard errors of each share that was measured (of
 * members that become samples, of bytes a sample, of samples a source byte from part to part), and a tenth besides (a half of a stream, which is read ahead), since a part's
 * beginning is no random choice of it; all of that the less, the more of the whole was tried. Time depends on what else the machine does: its spread is a factor of three.
 */
export function estimateWhole(
  { parts, sampleBytes, busyS, aroundS }: Tried,
  wholeBytes: readonly number[],
): WholeEstimate | null {
  const tried = parts.filter(({ samples, sourceBytes }) => samples > 0 && sourceBytes > 0);
  const taken = sum(tried.map((part) => part.taken));
  const made = sum(tried.map((part) => part.samples));
  if (made === 0 || sampleBytes.length === 0) return null;
  const perByte = tried.map((part) => samplesOf(part) / part.sourceBytes);
  const sourceBytes = sum(wholeBytes);
  const about = (sourceBytes * sum(tried.map(samplesOf))) / sum(tried.map((part) => part.sourceBytes));
  const isAll = tried.length === wholeBytes.length;
  const isCounted = tried.every(({ whole }) => whole !== null);
  const share = made / taken;
  const ofMembers = 2 * Math.sqrt((share * Math.max(0, 1 - share)) / taken) + 1 / taken;
  const betweenParts = isAll
    ? 0
    : tried.length < 2
      ? 0.5
      : 2 * (variation(perByte) / Math.sqrt(tried.length));
  const members = isAll
    ? sum(tried.map(({ whole }) => whole ?? Number.POSITIVE_INFINITY))
    : Number.POSITIVE_INFINITY;
  const spread = (ofMembers / share) * ofRest(taken, members) + betweenParts + (isCounted ? 0 : 0.5);
  const samples = around(about, spread);
  const mean = sum(sampleBytes) / sampleBytes.length;
  const ofBytes =
    (0.1 + 2 * (variation(sampleBytes) / Math.sqrt(sampleBytes.length))) * ofRest(sampleBytes.length, about);
  const perSample = busyS / made;
  return {
    samples: rounded(samples),
    // A tar ends in zeros, up to 10,240 bytes of them.
    diskBytes: rounded({
      ...around(about * mean, spread + ofBytes),
      high: samples.high * mean * (1 + ofBytes) + 10_240 * wholeBytes.length,
    }),
    seconds: rounded({
      low: aroundS / 3 + (samples.low * perSample) / 3,
      about: aroundS + about * perSample,
      high: 3 * aroundS + 3 * samples.high * perSample,
    }),
    sourceBytes,
  };
}

/** Samples that the whole part would give. */
function samplesOf({ whole, taken, samples, sourceBytes, bytesRead }: TriedPart): number {
  const members = whole ?? (taken * sourceBytes) / Math.max(1, Math.min(bytesRead, sourceBytes));
  return (members * samples) / taken;
}

/** What is left of an uncertainty when so many of so many were looked at: nothing when it was all of them. */
function ofRest(seen: number, all: number): number {
  return Math.sqrt(Math.max(0, 1 - seen / all));
}

function around(about: number, spread: number): Reach {
  return { low: about * Math.max(0, 1 - spread), about, high: about * (1 + spread) };
}

function rounded({ low, about, high }: Reach): Reach {
  return { low: Math.floor(low), about: Math.round(about), high: Math.ceil(high) };
}

/** The standard deviation as a share of the mean. */
function variation(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  if (values.length < 2 || mean === 0) return 0;
  const squares = values.map((value) => (value - mean) ** 2);
  return Math.sqrt(sum(squares) / (values.length - 1)) / mean;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
