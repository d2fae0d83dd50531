import { z } from "zod";
import { type codes, isCode } from "./codes.ts";

/** Values that several records hold. */
export const codeSchema = z
  .string()
  .refine(isCode, "expected a code of core/codes.ts")
  .transform((code) => code as keyof typeof codes);
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** What a source has of a part now, in the words of its plan. */
export const sourceNowSchema = z.object({
  contentId: sha256Schema,
  annotationsId: sha256Schema,
  earlier: sha256Schema.optional(),
});
