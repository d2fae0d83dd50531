import { describe, expect, it } from "vitest";
import { Seeded } from "../testing/seeded.ts";
import { naturalOrder } from "./natural-order.ts";

const sorted = (names: readonly string[]): string[] => names.toReversed().sort(naturalOrder);

describe("naturalOrder", () => {
  it.each<[string, string[]]>([
    ["numbers by value", ["a1", "a2", "a10", "a100"]],
    ["numbers in several places", ["a1b2", "a1b10", "a2b1"]],
    ["a beginning before what goes on", ["", "a", "a1", "a1b"]],
    ["padded before bare where they count alike", ["a001", "a01", "a1", "a002", "a2"]],
    ["leading zeros count for less than what follows", ["a1b1", "a01b2", "a1b3"]],
    ["zeros alone", ["a0", "a00", "a1"]],
    [
      "signs below the digits, then digits, then signs above",
      ["a b", "a-b", "a.b", "a1b", "aBb", "a_b", "aab"],
    ],
    ["capitals before small letters", ["B2", "B10", "a1"]],
    ["accents by code point, composed and not", ["e2", "e\u0301", "f", "\u00e9"]],
    ["other scripts by code point", ["я", "भ", "日2", "日10", "本"]],
    ["digits of other scripts as letters", ["a9", "a\u0661", "a\u0662", "a\uff11"]],
  ])("puts %s", (_, names) => expect(sorted(names)).toEqual(names));

  it("puts numbers of any length by value", () => {
    const nines = "9".repeat(40);
    const names = [`id${nines.slice(1)}`, `id${nines}`, `id1${"0".repeat(40)}`, `id1${"0".repeat(39)}1`];
    expect(sorted(names)).toEqual(names);
    // As doubles these two are one number.
    expect(naturalOrder("9007199254740993", "9007199254740992")).toBeGreaterThan(0);
  });

  it("puts letters beyond U+FFFF after all others, although their surrogates are lower", () => {
    expect(sorted(["\uff21", "\u{1f600}", "\u{1f601}"])).toEqual(["\uff21", "\u{1f600}", "\u{1f601}"]);
    expect("\u{1f600}" < "\uff21").toBe(true);
  });

  it("knows no locale: what Swedish and Turkish order otherwise stays where it is", () => {
    expect(sorted(["z", "ä", "ö"])).toEqual(["z", "ä", "ö"]);
    expect(sorted(["I", "i", "İ", "ı"])).toEqual(["I", "i", "İ", "ı"]);
  });

  it("is a total order over names of every kind, and the one that is written down", () => {
    const names = hostileNames(240, 7);
    const wrong: string[][] = [];
    for (const a of names) {
      for (const b of names) {
        const order = Math.sign(naturalOrder(a, b));
        const isMirrored = order === -Math.sign(naturalOrder(b, a)) || order === 0;
        if (!isMirrored || (order === 0) !== (a === b) || order !== writtenOrder(a, b)) wrong.push([a, b]);
      }
    }
    // Sorted, any name is before every later one: so the order has no circle.
    const list = sorted(names);
    for (const [at, a] of list.entries())
      for (const b of list.slice(at + 1)) if (naturalOrder(a, b) >= 0) wrong.push([a, b]);
    expect(wrong).toEqual([]);
    expect(list.toReversed().sort(naturalOrder)).toEqual(list);
  });
});

/** The order as its comment says it, slowly: code points one by one, numbers as BigInt, ties by code point. */
function writtenOrder(a: string, b: string): number {
  const pieces = (text: string): (bigint | number)[] =>
    (text.match(/[0-9]+|[^0-9]/gsu) ?? []).map((piece) =>
      /^[0-9]/.test(piece) ? BigInt(piece) : (piece.codePointAt(0) ?? 0),
    );
  return compared(pieces(a), pieces(b)) || compared(points(a), points(b));
}

function points(text: string): number[] {
  return [...text].map((letter) => letter.codePointAt(0) ?? 0);
}

function compared(a: readonly (bigint | number)[], b: readonly (bigint | number)[]): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [left, right] = [a[at]!, b[at]!];
    if (typeof left === typeof right) {
      if (left !== right) return left < right ? -1 : 1;
      continue;
    }
    // A number against a letter: digits have their place among the code points.
    const [leftPoint, rightPoint] = [left, right].map((piece) => (typeof piece === "bigint" ? 0x30 : piece));
    return leftPoint! < rightPoint! ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

/** Different names out of few letters, so that they often begin alike. */
function hostileNames(count: number, seed: number): string[] {
  const letters = [
    "0",
    "0",
    "1",
    "9",
    "12",
    "a",
    "A",
    "-",
    "_",
    ".",
    "é",
    "\uff21",
    "\u{1f600}",
    "\ud83d",
    "\ude00",
  ];
  const seeded = new Seeded(seed);
  const names = new Set<string>();
  while (names.size < count)
    names.add(Array.from({ length: seeded.below(6) }, () => letters[seeded.below(letters.length)]).join(""));
  return [...names];
}
