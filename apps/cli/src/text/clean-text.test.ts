import { describe, expect, it } from "vitest";
import { safeJson, safeLines, safeText } from "./clean-text.ts";

/** Every code point that a terminal or a reader does not take for text, told by number. */
const unsafe = [
  ...Array.from({ length: 0x20 }, (_, code) => code),
  ...Array.from({ length: 0x21 }, (_, at) => 0x7f + at),
  ...[0xad, 0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff],
  ...[0xd800, 0xdc00, 0xe0001, 0xe0041],
].map((code) => String.fromCodePoint(code));

describe("text of a source", () => {
  it("is printed without anything that is no text", () => {
    for (const sign of unsafe) {
      const shown = `U+${sign.codePointAt(0)?.toString(16)}`;
      expect(safeText(`a${sign}b`), shown).toBe("a\u{FFFD}b");
    }
    expect(safeText("\u001b]0;title\u0007\u001b[2Jx\u009b31m")).toBe("�]0;title��[2Jx�31m");
  });

  it("keeps every script, emoji of several signs and the joiners of scripts that need them", () => {
    for (const text of ["Zoë 日本語 한국어 עברית", "می‌خواهم", "क्‍ष", "👩‍👩‍👧 ❤️ 🇩🇪", "葛\u{E0100}"])
      expect(safeText(text)).toBe(text);
    expect(safeText("pay\u200dpal")).toBe("pay�pal");
  });

  it("is cut, and never in the middle of a sign", () => {
    expect(safeText("x".repeat(5_000))).toBe(`${"x".repeat(499)}…`);
    expect(safeText(`${"x".repeat(8)}😀y`, 10)).toBe(`${"x".repeat(8)}…`);
    expect(safeText("x".repeat(500))).toBe("x".repeat(500));
  });

  it("keeps its lines where it has several", () => {
    expect(safeLines("one\n\ttwo\u001b[2J\r\u2028three")).toBe("one\n\ttwo�[2J��three");
  });

  it("is whole in JSON, and safe", () => {
    const value = { [`key${unsafe.join(" ")}`]: unsafe, text: "日本語 👩‍👩‍👧" };
    const json = safeJson(JSON.stringify(value, null, 2));
    expect(JSON.parse(json)).toEqual(value);
    for (const sign of unsafe) if (sign !== "\n" && !/\p{Cs}/u.test(sign)) expect(json).not.toContain(sign);
    expect(json).toContain("日本語 👩‍👩‍👧");
  });
});
