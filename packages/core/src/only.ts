import type { Recipe } from "./recipe.ts";

/** Of the annotated members of a part, counted from its beginning, how many a small build takes; of a whole one, all. */
export function keptOf({ only }: Pick<Recipe, "only">, total: number): number {
  if (only === undefined) return total;
  const { samples = total, share = 1 } = only;
  return Math.min(total, samples, Math.ceil(share * total));
}
