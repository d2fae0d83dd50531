/** A figure that every sample (or clip) has, as counts of its values. */
export interface Distribution {
  readonly kind: "frames" | "duration" | "resolution" | "tokens" | "loss";
  /** Samples that have the figure. */
  readonly count: number;
  readonly bins: readonly { readonly label: string; readonly count: number }[];
  /** Null of what is no number. */
  readonly numbers: {
    readonly min: number;
    readonly median: number;
    readonly mean: number;
    readonly max: number;
    readonly sum: number;
  } | null;
  /** Counted from the ledgers of all shards, or read in some tars. */
  readonly from: "ledgers" | "tars";
}

const mostBins = 16;

/**
 * Counts whole numbers. Memory is that of the different values: frames (at most 999 a clip), tenths of seconds and tokens have
 * bounds of their own, whatever number of samples there is.
 */
export class NumberTally {
  readonly #counts = new Map<number, number>();

  add(value: number, times = 1): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + times);
  }

  get sum(): number {
    let sum = 0;
    for (const [value, count] of this.#counts) sum += value * count;
    return sum;
  }

  get count(): number {
    let sum = 0;
    for (const count of this.#counts.values()) sum += count;
    return sum;
  }

  /** `scale`: of the unit that is shown, so many are counted (10: tenths are). Null where nothing was counted. */
  distribution(kind: Distribution["kind"], from: Distribution["from"], scale = 1): Distribution | null {
    const values = [...this.#counts].sort(([a], [b]) => a - b);
    const [first, last] = [values[0], values.at(-1)];
    if (first === undefined || last === undefined) return null;
    const { count, sum } = this;
    return {
      kind,
      from,
      count,
      bins: binsOf(values, scale),
      numbers: {
        min: first[0] / scale,
        median: medianOf(values, count) / scale,
        mean: sum / count / scale,
        max: last[0] / scale,
        sum: sum / scale,
      },
    };
  }
}

/** The lower one of two in the middle: a value that there is. */
function medianOf(values: readonly (readonly [number, number])[], count: number): number {
  let before = 0;
  for (const [value, times] of values) {
    before += times;
    if (before * 2 >= count) return value;
  }
  return 0;
}

function binsOf(values: readonly (readonly [number, number])[], scale: number): Distribution["bins"] {
  const [low, high] = [values[0]?.[0] ?? 0, values.at(-1)?.[0] ?? 0];
  if (values.length <= mostBins && scale === 1)
    return values.map(([value, count]) => ({ label: String(value), count }));
  const width = niceWidth((high - low + 1) / scale) * scale;
  const begin = Math.floor(low / width) * width;
  const bins = Array.from({ length: Math.floor((high - begin) / width) + 1 }, (_, at) => ({
    label: labelOf((begin + at * width) / scale, width / scale, scale === 1),
    count: 0,
  }));
  for (const [value, count] of values) {
    const bin = bins[Math.floor((value - begin) / width)];
    if (bin !== undefined) bin.count += count;
  }
  return bins;
}

/** 1, 2 or 5 times a power of ten, so that there are at most sixteen bins; never below 1. */
function niceWidth(span: number): number {
  for (let power = 1; ; power *= 10)
    for (const step of [1, 2, 5]) if (span / (step * power) <= mostBins - 1) return step * power;
}

function labelOf(from: number, width: number, isWhole: boolean): string {
  if (!isWhole) return `${from}–${from + width}`;
  return width === 1 ? String(from) : `${from}–${from + width - 1}`;
}

/** Values that are words, such as 1920x1080: the most frequent ones by themselves, the rest together. */
export class WordTally {
  readonly #counts = new Map<string, number>();
  #others = 0;

  add(word: string): void {
    const known = this.#counts.get(word);
    if (known === undefined && this.#counts.size >= 10_000) this.#others += 1;
    else this.#counts.set(word, (known ?? 0) + 1);
  }

  distribution(kind: Distribution["kind"], from: Distribution["from"]): Distribution | null {
    const words = [...this.#counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    if (words.length === 0) return null;
    const shown = words.slice(0, 12);
    const others = words.slice(12).reduce((sum, [, count]) => sum + count, this.#others);
    return {
      kind,
      from,
      count: shown.reduce((sum, [, count]) => sum + count, others),
      bins: [
        ...shown.map(([label, count]) => ({ label, count })),
        ...(others === 0 ? [] : [{ label: "others", count: others }]),
      ],
      numbers: null,
    };
  }
}
