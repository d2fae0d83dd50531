import { z } from "zod";

/** How the pictures of a sample lie in a shard, where each is not a file of its own. */
export type Layout =
  /** All of them in one file, one behind the other. */
  | { readonly kind: "packed" }
  /** As many files in every sample: the first of its pictures, and the last one again where there are fewer. */
  | { readonly kind: "fixed"; readonly frames: number };

/** `frames`, a file for each, is what a recipe without a layout makes, and has its hash. */
export const layoutSchema = z
  .string()
  .regex(/^(frames|packed|fixed-[1-9]\d{0,2})$/, {
    error: "expected frames, packed or fixed-N with 1 to 999 frames, such as fixed-16",
  })
  .transform((layout) => (layout === "frames" ? undefined : layout))
  .optional();

export function layoutOf({ layout }: { readonly layout?: string | undefined }): Layout | null {
  if (layout === undefined) return null;
  return layout === "packed"
    ? { kind: "packed" }
    : { kind: "fixed", frames: Number(layout.slice("fixed-".length)) };
}
