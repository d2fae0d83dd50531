import type { ByteRange } from "@shardmill/core";

/** Something that lies in one piece in a source. `end` may be a guess that is made good later. */
interface Span extends ByteRange {
  readonly index: number;
}

/** A range read as one stream, and the spans that lie in it, in order. */
export interface Run extends ByteRange {
  readonly spans: readonly Span[];
}

/** Joins spans into runs: a gap up to `gapBytes` is read over, since asking anew costs more. Plain data, no I/O. */
export function planRuns(ranges: readonly ByteRange[], gapBytes: number): Run[] {
  const runs: { start: number; end: number; spans: Span[] }[] = [];
  const spans = ranges
    .map(({ start, end }, index) => ({ start, end, index }))
    .toSorted((a, b) => a.start - b.start);
  for (const span of spans) {
    const run = runs.at(-1);
    if (run !== undefined && span.start - run.end <= gapBytes) {
      run.spans.push(span);
      run.end = Math.max(run.end, span.end);
    } else {
      runs.push({ start: span.start, end: span.end, spans: [span] });
    }
  }
  return runs;
}
