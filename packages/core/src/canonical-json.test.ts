import { describe, expect, it } from "vitest";
import { Seeded } from "../testing/seeded.ts";
import { canonicalJson, Float, hashOf, type SampleJson, sampleJsonText } from "./canonical-json.ts";

/** Any value that JSON can hold, of awkward keys, numbers and texts. */
function anyValue(seeded: Seeded, depth = 0): unknown {
  const kind = seeded.below(depth > 3 ? 4 : 6);
  if (kind === 0) return seeded.pick([null, true, false]);
  if (kind === 1) return seeded.pick([0, -0, 1, -1.5, 1e21, 1e-7, 2 ** 53, 0.1, -7]);
  if (kind <= 3) return seeded.pick(["", "é", "中文", '"\\', "\u2028", "\u0000", "1", "\ud83d\ude00"]);
  const items = Array.from({ length: seeded.below(5) }, () => anyValue(seeded, depth + 1));
  if (kind === 4) return items;
  const keys = ["b", "a", "B", "é", "10", "2", "", "a.b", "z"] as const;
  return Object.fromEntries(items.map((item) => [seeded.pick(keys), item]));
}

/** The same value with the keys of every object in another order. */
function reordered(seeded: Seeded, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(seeded, item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    seeded.shuffled(Object.entries(value)).map(([key, field]) => [key, reordered(seeded, field)]),
  );
}

describe("canonical JSON", () => {
  it.each([
    [{ b: 1, a: { d: [2, { f: 1, e: 0 }], c: null } }, '{"a":{"c":null,"d":[2,{"e":0,"f":1}]},"b":1}'],
    [{ 10: "ten", 2: "two", a: 1, B: 2 }, '{"10":"ten","2":"two","B":2,"a":1}'],
    [["b", "a"], '["b","a"]'],
    [{ gone: undefined, list: [undefined, 1] }, '{"list":[null,1]}'],
    [[Number.NaN, Number.POSITIVE_INFINITY, -0, 1.0, 1e21], "[null,null,0,1,1e+21]"],
    [{ big: 2n ** 64n, small: 1n }, '{"big":18446744073709551616,"small":1}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['é\n"\u2028', JSON.stringify('é\n"\u2028')],
    [{ 'a"b': 1 }, '{"a\\"b":1}'],
    // biome-ignore lint/suspicious/noSparseArray: holes are what this is about
    [[1, , 2], "[1,null,2]"],
    [{}, "{}"],
  ])("of %o is %s", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it("sorts keys by their code units, whatever the locale says of them", () => {
    expect(canonicalJson({ é: 1, z: 2, Z: 3, _: 4 })).toBe('{"Z":3,"_":4,"z":2,"é":1}');
  });

  it("is the same for one value in any order of its keys, and reads back as that value", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const seeded = new Seeded(seed);
      const value = anyValue(seeded);
      const text = canonicalJson(value);
      expect(canonicalJson(reordered(seeded, value)), `seed ${seed}`).toBe(text);
      expect(JSON.parse(text), `seed ${seed}`).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(text)), `seed ${seed}`).toBe(text);
    }
  });

  it("of another value is another text", () => {
    const values = [
      null,
      "null",
      0,
      "0",
      [],
      {},
      [[]],
      [null],
      "",
      [""],
      { a: 1 },
      { a: "1" },
      { b: 1 },
      [1],
    ];
    expect(new Set(values.map(canonicalJson)).size).toBe(values.length);
  });
});

describe("the hash of a value", () => {
  it("is the sha256 of its canonical JSON", () => {
    // printf '{"a":1,"b":[2,3]}' | sha256sum
    expect(hashOf({ b: [2, 3], a: 1 })).toBe(
      "efbd0040190fb0871831e606c581f8a66db79d8e2bb836745a70051306956070",
    );
  });
});

describe("a sample's JSON", () => {
  it("keeps the order of its keys, on one line without spaces", () => {
    expect(sampleJsonText({ b: 1, a: [true, null, "x"], c: { z: 0, y: "" } })).toBe(
      '{"b":1,"a":[true,null,"x"],"c":{"z":0,"y":""}}',
    );
  });

  it.each([
    [new Float(30), "30.0"],
    [new Float(-0), "0.0"],
    [new Float(-2), "-2.0"],
    [new Float(29.97), "29.97"],
    [new Float(0.46666666, 3), "0.467"],
    [new Float(1.9999, 3), "2.0"],
    [new Float(-0.0001, 3), "0.0"],
    [new Float(1e21), "1e+21"],
    [new Float(Number.NaN), "null"],
    [new Float(Number.NEGATIVE_INFINITY, 2), "null"],
  ])("writes a float with a decimal point, rounded where it says so: %o", (value, text) => {
    expect(sampleJsonText(value)).toBe(text);
  });

  it("writes a whole number to its digits and a text with its escapes", () => {
    expect(sampleJsonText([7352910847997496619n, 'a "b"\n', 7] satisfies SampleJson)).toBe(
      '[7352910847997496619,"a \\"b\\"\\n",7]',
    );
  });
});
