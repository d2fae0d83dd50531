import { z } from "zod";
import { type Code, isCode } from "./codes.ts";

/**
 * Something of a part that a person should know although no member is missing because of it: bytes behind an archive's
 * end, values that are no finite numbers, records that could not be read. Remarks are no part of any identity.
 */
export const remarkSchema = z.object({
  code: z
    .string()
    .refine(isCode, "expected a code of core/codes.ts")
    .transform((code) => code as Code),
  /** One line: what, and where the first of it is. Text of the source in it is hostile: cleaned where it is printed. */
  detail: z.string(),
  /** How often it was met. */
  count: z.int().positive(),
});
export type Remark = z.output<typeof remarkSchema>;

/** Remarks of several places as one list: those of a code are one, the counts added, the first detail kept. */
export function mergeRemarks(remarks: readonly Remark[]): Remark[] {
  const book = new RemarkBook();
  for (const { code, detail, count } of remarks) book.add(code, detail, "", count);
  return book.list();
}

/** One remark for each code and file of the source: counts add up, and the first detail stands for all. */
export class RemarkBook {
  readonly #remarks = new Map<string, Remark>();

  /** `about` keeps remarks of one code apart, such as by the file they speak of. */
  add(code: Code, detail: string, about = "", count = 1): void {
    const key = `${code}\n${about}`;
    const before = this.#remarks.get(key);
    this.#remarks.set(key, {
      code,
      detail: before?.detail ?? detail,
      count: (before?.count ?? 0) + count,
    });
  }

  list(): Remark[] {
    return [...this.#remarks.values()];
  }
}
