import { describe, expect, it } from "vitest";
import { mergeRemarks, RemarkBook, remarkSchema } from "./remarks.ts";

describe("remarks", () => {
  it("of one code and file are one: counts add up, the first detail stands for all", () => {
    const book = new RemarkBook();
    book.add("value_not_finite", "a.csv: line 2");
    book.add("value_not_finite", "a.csv: line 9");
    book.add("annotation_invalid", "b.csv: line 1", "b.csv");
    book.add("annotation_invalid", "c.csv: line 7", "c.csv", 3);
    book.add("annotation_invalid", "b.csv: line 5", "b.csv", 2);
    expect(book.list()).toEqual([
      { code: "value_not_finite", detail: "a.csv: line 2", count: 2 },
      { code: "annotation_invalid", detail: "b.csv: line 1", count: 3 },
      { code: "annotation_invalid", detail: "c.csv: line 7", count: 3 },
    ]);
  });

  it("of several places are one for each code, in the order in which codes were met", () => {
    const remarks = [
      { code: "leading_bytes", detail: "first", count: 1 },
      { code: "trailing_bytes", detail: "second", count: 4 },
      { code: "leading_bytes", detail: "third", count: 2 },
    ] as const;
    expect(mergeRemarks(remarks)).toEqual([
      { code: "leading_bytes", detail: "first", count: 3 },
      { code: "trailing_bytes", detail: "second", count: 4 },
    ]);
    expect(mergeRemarks([])).toEqual([]);
  });

  it("are lists of their own: what is added later is in none that was given out", () => {
    const book = new RemarkBook();
    book.add("leading_bytes", "first");
    const before = book.list();
    book.add("leading_bytes", "second");
    expect(before).toEqual([{ code: "leading_bytes", detail: "first", count: 1 }]);
  });

  it.each([
    { code: "no_such_code", detail: "", count: 1 },
    { code: "leading_bytes", detail: "", count: 0 },
    { code: "leading_bytes", detail: "", count: 1.5 },
  ])("in a record are refused where they are none: %o", (remark) => {
    expect(remarkSchema.safeParse(remark).success).toBe(false);
  });
});
