import type { NearPair, Overlap, OverlapCounts } from "@shardmill/mixes";
import type { Console } from "../context/console.ts";
import { safeText } from "../text/clean-text.ts";
import { countText, plural } from "../text/format.ts";

interface ToldOfOverlap extends Overlap {
  readonly pairs: number;
  readonly nearest: readonly NearPair[];
  readonly unfinished: readonly string[];
}

/** How many samples are related, by set and subset and by what, and the nearest pairs. */
export function printOverlap(console: Console, { a, b, pairs, nearest, unfinished }: ToldOfOverlap): void {
  const sets = a.name === b.name ? [a] : [a, b];
  const header = ["set", "samples", "related", "by group", "by picture", "by fingerprint"];
  const rows = sets.flatMap((set) => [
    rowOf(set.name, set),
    ...set.subsets.flatMap((one) => (one.subset === null ? [] : [rowOf(`  ${safeText(one.subset)}`, one)])),
  ]);
  console.table(
    header,
    rows,
    header.map((_, at) => (at === 0 ? "left" : "right")),
  );
  for (const { name, flatFrames, unjudged, unreadableFrames } of sets) {
    if (flatFrames > 0)
      console.out(
        `note:     ${name}: ${plural(flatFrames, "frame")} without gradients (black, plain) had no vote; ${plural(unjudged, "clip")} with fewer than two others cannot be judged by fingerprint`,
      );
    if (unreadableFrames > 0)
      console.out(`note:     ${name}: ${plural(unreadableFrames, "frame")} cannot be decoded`);
  }
  for (const line of unfinished) console.out(`note:     ${safeText(line)}`);
  console.out(`pairs:    ${countText(pairs)} listed: each related sample is in one at least`);
  for (const pair of nearest) console.out(`          ${pair.a.key}  ${pair.b.key}  ${causesText(pair)}`);
}

function rowOf(name: string, { samples, related }: OverlapCounts): string[] {
  const { any, group, picture, fingerprint } = related;
  return [name, ...[samples, any, group, picture, fingerprint].map(countText)];
}

/** `group, fingerprint (0, 1, -)`: bits that differ in the first, middle and last frame. */
export function causesText({ by, distances }: NearPair): string {
  const bits = distances === null ? "" : ` (${distances.map((one) => one ?? "-").join(", ")})`;
  return by.map((cause) => (cause === "fingerprint" ? `${cause}${bits}` : cause)).join(", ");
}
