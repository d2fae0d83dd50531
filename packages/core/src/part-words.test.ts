import { describe, expect, it } from "vitest";
import { Seeded } from "../testing/seeded.ts";
import { readPartWords, shown, shownSubset, subsetText } from "./part-words.ts";

const wordsOf = (text: string, subsets: readonly string[] = [], list: "parts" | "subsets" = "parts") => {
  const read = readPartWords(text, subsets, list);
  return read.kind === "words"
    ? read.words.map(({ subset, from, to }) => [subset, from, to])
    : [read.message];
};

describe("a list of parts", () => {
  it.each([
    ["7", [[null, 7, 7]]],
    [" p0007 - p0009 ", [["p0007 - p0009", null, null]]],
    ["p7-9", [[null, 7, 9]]],
    [
      "a:1,b",
      [
        ["a", 1, 1],
        ["b", null, null],
      ],
    ],
    ["a\\:1", [["a:1", null, null]]],
    ["\\7", [["7", null, null]]],
    ["x-p0001-p0003", [["x", 1, 3]]],
    ["x-p", [["x-p", null, null]]],
    ["'a,b' : 2", [["a,b", 2, 2]]],
    ['"a\\\\b"', [["a\\b", null, null]]],
  ])("%j", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it("keeps each word as it was written, for messages", () => {
    const read = readPartWords(" 'a b':2 , p0007", [], "parts");
    expect(read.kind === "words" && read.words.map(({ text }) => text)).toEqual(["'a b':2", "p0007"]);
  });

  it("takes the longest of the names that exist, and a shorter one where the longer does not end", () => {
    const subsets = ["a", "a,b", "a,b:1"];
    expect(wordsOf("a,b:1", subsets)).toEqual([["a,b:1", null, null]]);
    expect(wordsOf("a,b:2", subsets)).toEqual([["a,b", 2, 2]]);
    expect(wordsOf("a,c", subsets)).toEqual([
      ["a", null, null],
      ["c", null, null],
    ]);
  });

  it.each([
    ["'a", /' is not closed/],
    ["'a'b", /expected a comma or :numbers/],
    ["a:9-3", /a:9-3 runs backwards/],
    ["x-p0009-p0003", /runs backwards/],
    [",", /empty word/],
  ])("%j is told what is wrong with it", (text, message) => {
    expect(wordsOf(text)).toEqual([expect.stringMatching(message)]);
  });

  it("any name can be written in it and is read as itself, beside any other", () => {
    const letters = ["a", "B", "7", "p", "-", ",", ":", " ", '"', "'", "\\", "(", "é", "中"] as const;
    for (let seed = 1; seed <= 400; seed += 1) {
      const seeded = new Seeded(seed);
      const name = () => {
        const inner = Array.from({ length: 1 + seeded.below(8) }, () => seeded.pick(letters)).join("");
        return `x${inner}y`.normalize("NFC");
      };
      const names = [name(), name()];
      const text = names.map((one) => `${subsetText(one)}:3`).join(",");
      const expected = names.map((one) => [one, 3, 3]);
      expect(wordsOf(text), `seed ${seed}: ${text}`).toEqual(expected);
      expect(wordsOf(text, names), `seed ${seed}: ${text}`).toEqual(expected);
    }
  });
});

describe("what a source is called, on one line of a terminal", () => {
  it("has no control characters and is no longer than 80", () => {
    expect(shown("a\u001b[2J\nb\u0000\u009b")).toBe("a\uFFFD[2J\uFFFDb\uFFFD\uFFFD");
    expect(shown("x".repeat(80))).toBe("x".repeat(80));
    expect(shown("x".repeat(81))).toBe(`${"x".repeat(79)}…`);
    expect(shownSubset("a\tb")).toBe('"a\uFFFDb"');
  });

  it("is quoted where it would be read as something else", () => {
    expect(["ai2d", "ai2d(gpt4v)", "Ünï_1.5"].map(subsetText)).toEqual(["ai2d", "ai2d(gpt4v)", "Ünï_1.5"]);
    expect(["2024", "p7", "7-9", "a-p0001", "a b", "a,b", 'a"b'].map(subsetText)).toEqual([
      '"2024"',
      '"p7"',
      '"7-9"',
      '"a-p0001"',
      '"a b"',
      '"a,b"',
      '"a\\"b"',
    ]);
  });
});
