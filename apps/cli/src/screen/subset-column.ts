import { subsetText, subsetWord } from "@shardmill/core";
import { safeText } from "../text/clean-text.ts";

/**
 * Cells that name the subset of each row as `--parts` takes it, for a table whose labels do not tell: `ai2d-p0000` may be
 * of `AI2D`. No cells where every label says it already.
 */
export function subsetCells(subsets: readonly (string | null)[]): string[][] {
  const tells = subsets.every((subset) => subset === null || subsetWord(subset) === subset);
  return subsets.map((subset) => (tells ? [] : [subset === null ? "" : safeText(subsetText(subset))]));
}
