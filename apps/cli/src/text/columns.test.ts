import { describe, expect, it } from "vitest";
import { cutTo, padTo, widthOf } from "./columns.ts";

const red = "\u001b[31m";
const plain = "\u001b[39m";

describe("the columns that a text takes on a terminal", () => {
  it.each([
    ["", 0],
    ["plain", 5],
    ["日本語", 6],
    ["한국어", 6],
    ["ｶﾅ", 2],
    ["e\u0301tude", 5],
    ["👩‍👩‍👧", 2],
    ["🇩🇪 ❤️", 5],
    [`${red}red${plain}`, 3],
    [`${red}日${plain}本`, 4],
    // What the console shows as a sign of its own.
    ["zero\u200bwidth", 10],
    ["\u0007", 1],
  ])("%j: %i", (text, columns) => {
    expect(widthOf(text)).toBe(columns);
  });

  it("are filled on either side", () => {
    expect(padTo("日本", 6, "left")).toBe("日本  ");
    expect(padTo(`${red}é${plain}`, 3, "right")).toBe(`  ${red}é${plain}`);
    expect(padTo("too long", 3, "left")).toBe("too long");
  });
});

describe("a line that is cut to a width", () => {
  it("stays as it is where it fits", () => {
    expect(cutTo("日本語", 6)).toBe("日本語");
    expect(cutTo("any", Number.POSITIVE_INFINITY)).toBe("any");
  });

  it("ends with an ellipsis, within the width, and never within a sign", () => {
    expect(cutTo("abcdef", 4)).toBe("abc…");
    expect(cutTo("日本語", 5)).toBe("日本…");
    expect(cutTo("日本語", 4)).toBe("日…");
    expect(cutTo("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
    expect(cutTo("a👩‍👩‍👧b", 3)).toBe("a…");
    expect(cutTo("ab", 1)).toBe("a");
    expect(cutTo("ab", 0)).toBe("");
    for (const text of ["日本語 한국어 naïve 👩‍👩‍👧 ❤️ 🇩🇪 end", "क्‍षمی‌خواهم ok"])
      for (let width = 0; width < 30; width += 1)
        expect(widthOf(cutTo(text, width))).toBeLessThanOrEqual(width);
  });

  it("leaves no colour open, and takes none for text", () => {
    expect(cutTo(`${red}abc${plain}def`, 5)).toBe(`${red}abc${plain}d…`);
    expect(cutTo(`${red}abcdef${plain}`, 4)).toBe(`${red}abc…${plain}`);
    expect(cutTo(`${red}abc${plain}d`, 4)).toBe(`${red}abc${plain}d`);
  });
});
