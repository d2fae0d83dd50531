import { describe, expect, it } from "vitest";
import { Seeded } from "../testing/seeded.ts";
import { canonicalJson, exactJsonText, hashOf, parseExactJson, sampleJsonText } from "./index.ts";

const read = (text: string): unknown => parseExactJson(text).value;

describe("JSON without loss", () => {
  it.each([
    "7352910847997496619",
    "-7352910847997496619",
    "9007199254740993",
    "18446744073709551616",
    "123456789012345678901234567890",
  ])("keeps %s to the digit, and writes it as it was", (digits) => {
    const text = `{"id":${digits},"list":[${digits},{"deep":${digits}}],"text":"${digits}"}`;
    expect(read(text)).toEqual({
      id: BigInt(digits),
      list: [BigInt(digits), { deep: BigInt(digits) }],
      text: digits,
    });
    expect(exactJsonText(read(text))).toBe(text);
    expect(exactJsonText(read(` [ ${digits} ] `))).toBe(`[${digits}]`);
  });

  it("leaves every other number a number", () => {
    expect(read("[0,-0,1,-1.5,6.0,1e3,9007199254740991,0.12345678901234567890,1e300]")).toEqual([
      0, -0, 1, -1.5, 6, 1000, 9007199254740991, 0.12345678901234568, 1e300,
    ]);
    expect(read("9007199254740993.0")).toBe(9007199254740993n);
  });

  it.each([
    ["12345678901234567e2", 1234567890123456700n],
    ["-12345678901234567E+02", -1234567890123456700n],
    ["12345678901234567.0e2", 1234567890123456700n],
    ["9007199254740993000e-3", 9007199254740993n],
    ["12345678901234567891e200", 12345678901234567891n * 10n ** 200n],
  ])("keeps the whole number %s with its exponent to the digit", (text, value) => {
    expect(read(`{"id":${text}}`)).toEqual({ id: value });
    expect(read(exactJsonText(read(`[${text}]`)))).toEqual([value]);
    expect(() => read(`{${text}:1}`)).toThrow(SyntaxError);
  });

  it("leaves a number with an exponent a number where a double writes it as it was, whatever stands beside it", () => {
    const texts = [
      "1e21",
      "1e23",
      "1.5e30",
      "-0e5",
      "0e999999999",
      "1e-7",
      "1.2345678901234567e+30",
      "12345678901234567e200",
    ];
    for (const text of texts) {
      expect(read(`[${text},12345678901234567890]`)).toEqual([Number(text), 12345678901234567890n]);
      expect(read(`[${text}]`)).toEqual([Number(text)]);
    }
    expect(read("[1000000000000000000000e0,1234567890123456e-1]")).toEqual([1e21, 123456789012345.6]);
    expect(read("12345678901234567e400")).toBeNull();
  });

  it("makes what is not finite null, counts it, and does not touch the same words in strings", () => {
    const text =
      '{"a":NaN,"b":[Infinity,-Infinity, NaN ],"c":1e400,"d":-1e999,"NaN":"NaN, Infinity \\\\","e":"\\"NaN"}';
    expect(parseExactJson(text)).toEqual({
      value: { a: null, b: [null, null, null], c: null, d: null, NaN: "NaN, Infinity \\", e: '"NaN' },
      notFinite: 6,
    });
  });

  it.each([
    "{",
    '{"a":1} 2',
    "nan",
    "-NaN",
    "1NaN",
    "NaNNaN",
    "{NaN:1}",
    "{12345678901234567890:1}",
    "012345678901234567890",
    "[12345678901234567890.]",
    "[1e4000.]",
    `[${"1".repeat(20_000)}]`,
    '["12345678901234567890]',
  ])("refuses what is no JSON: %s", (text) => {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });

  it("gives what JSON.parse gives for anything without such numbers", () => {
    const text = JSON.stringify({
      __proto__x: 1,
      s: '\ud83d\u0000\\"',
      n: [null, true, 1.5, "e1000 9999999999999999"],
    });
    expect(read(text)).toEqual(JSON.parse(text));
    const proto = read('{"__proto__":{"id":12345678901234567890}}');
    expect(Object.keys(proto as object)).toEqual(["__proto__"]);
  });

  it("indents what it writes, whole numbers among it", () => {
    expect(exactJsonText({ a: [2n ** 64n], b: 1 }, 2)).toBe(
      '{\n  "a": [\n    18446744073709551616\n  ],\n  "b": 1\n}',
    );
  });

  it("refuses to write what no JSON can hold", () => {
    const cycle: unknown[] = [1n];
    cycle.push(cycle);
    expect(() => exactJsonText(cycle)).toThrow(TypeError);
  });

  it("refuses what is nested too deeply, and takes the last of two fields of one name as JSON.parse does", () => {
    expect(() => read(`${"[".repeat(200_000)}12345678901234567890`)).toThrow();
    expect(read('{"a":12345678901234567890,"a":12345678901234567891}')).toEqual({ a: 12345678901234567891n });
  });

  it("reads any value as it was written, and writes it as it was read", () => {
    const texts = ["", "é", '"\\', "12345678901234567890", "NaN", "\u2028"] as const;
    for (let seed = 1; seed <= 300; seed += 1) {
      const seeded = new Seeded(seed);
      const scalar = () => {
        const whole =
          BigInt(seeded.below(2 ** 31)) * 10n ** BigInt(seeded.below(25)) + BigInt(seeded.below(99));
        if (seeded.below(2) === 0) return seeded.pick([null, true, 0.5, 1e-7, 1e300, ...texts]);
        const signed = seeded.below(2) === 0 ? whole : -whole;
        return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
      };
      const value = {
        list: Array.from({ length: seeded.below(6) }, scalar),
        [seeded.pick(texts)]: { deep: [[scalar()], scalar()] },
      };
      const text = exactJsonText(value);
      expect(read(text), `seed ${seed}: ${text}`).toEqual(value);
      expect(exactJsonText(read(text)), `seed ${seed}`).toBe(text);
    }
  });

  it("hashes and writes a BigInt as its digits", () => {
    expect(hashOf({ b: [1n], a: 2 })).toBe(hashOf({ a: 2n, b: [1] }));
    expect(canonicalJson({ list: [undefined, 1], gone: undefined })).toBe('{"list":[null,1]}');
    expect(canonicalJson({ id: 2n ** 64n })).toBe('{"id":18446744073709551616}');
    expect(sampleJsonText({ id: 2n ** 64n, list: [-1n] })).toBe('{"id":18446744073709551616,"list":[-1]}');
  });

  it("reads a string of 20 MB and forty thousand numbers without trouble", () => {
    const long = "x\\\\".repeat(7_000_000);
    const numbers = Array.from({ length: 40_000 }, (_, n) => String(7352910847997496619n + BigInt(n)));
    const value = read(`{"long":"${long}","ids":[${numbers.join(",")}]}`) as { long: string; ids: bigint[] };
    expect(value.long.length).toBe(14_000_000);
    expect(value.ids.at(-1)).toBe(7352910847997496619n + 39_999n);
  });
});
