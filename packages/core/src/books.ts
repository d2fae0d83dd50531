import { type Code, codes } from "./codes.ts";
import type { Counts, LedgerLine, Manifest } from "./records.ts";
import type { TokenCounts } from "./text.ts";

/** Bookkeeping: members = packed + failed + skipped, always. */
export const noCounts: Counts = Object.freeze({ members: 0, packed: 0, failed: 0, skipped: 0, byCode: {} });

export function addCounts(a: Counts, b: Counts): Counts {
  return sumCounts([a, b]);
}

/** In one go: a build has tens of thousands of counts to add up. */
export function sumCounts(all: Iterable<Counts>): Counts {
  const sum = { members: 0, packed: 0, failed: 0, skipped: 0 };
  const byCode = new Map<string, number>();
  for (const counts of all) {
    sum.members += counts.members;
    sum.packed += counts.packed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    for (const code in counts.byCode) byCode.set(code, (byCode.get(code) ?? 0) + (counts.byCode[code] ?? 0));
  }
  const sorted = [...byCode].filter(([, count]) => count !== 0).sort(([x], [y]) => (x < y ? -1 : 1));
  return { ...sum, byCode: Object.fromEntries(sorted) };
}

export function countLines(lines: Iterable<LedgerLine>): Counts {
  const counts = { members: 0, packed: 0, failed: 0, skipped: 0 };
  const byCode: Record<string, number> = {};
  for (const line of lines) {
    counts.members += 1;
    counts[line.outcome] += 1;
    if (line.code !== null) byCode[line.code] = (byCode[line.code] ?? 0) + 1;
  }
  return addCounts({ ...counts, byCode }, noCounts);
}

export function isBalanced(counts: Counts): boolean {
  return counts.members === counts.packed + counts.failed + counts.skipped;
}

/** The outcome that a code means. */
export function outcomeOf(code: Code): "failed" | "skipped" {
  return codes[code].kind === "skipped" ? "skipped" : "failed";
}

/** Failed members only, at least 50 of them: a few bad clips, or many without a caption, are no sign of a damaged source. */
export function isSuspect(counts: Counts, maxFailureShare: number): boolean {
  const tried = counts.packed + counts.failed;
  return counts.failed >= 50 && counts.failed > maxFailureShare * tried;
}

/** What a shard holds for its readers. */
export interface ShownInShard {
  readonly samples: number;
  readonly frames: number;
  readonly tokens: TokenCounts | undefined;
  readonly durationMs: number | undefined;
}

/** The figures of a shard's tar without the samples that have been withdrawn from it since. */
export function shownIn(manifest: Manifest): ShownInShard {
  const { withdrawn = [], samples, frames, tokens, durationMs } = manifest;
  const left = samples - withdrawn.length;
  const sum = (of: (sample: (typeof withdrawn)[number]) => number): number =>
    withdrawn.reduce((total, sample) => total + of(sample), 0);
  return {
    samples: left,
    frames: frames - sum((sample) => sample.frames),
    // Which samples were cut nobody wrote down.
    tokens: tokens && {
      all: tokens.all - sum((sample) => sample.tokens?.all ?? 0),
      loss: tokens.loss - sum((sample) => sample.tokens?.loss ?? 0),
      cut: Math.min(tokens.cut, left),
    },
    durationMs: durationMs === undefined ? undefined : durationMs - sum((sample) => sample.durationMs ?? 0),
  };
}
