import { describe, expect, it } from "vitest";
import { Failure } from "./failure.ts";
import { nameForm } from "./name-form.ts";
import { type PartId, partLabel, subsetWord } from "./names.ts";
import { type NamedDataset, nameParts, requireParts } from "./part-selection.ts";
import { numbersProblem, type PartList, subsetText } from "./part-words.ts";

const plain: NamedDataset = { name: "clips" };
const numbered: PartId[] = [0, 3, 10, 72, 73, 74].map((part) => ({ subset: null, part }));
const names = [
  "ai2d",
  "AI2D",
  "ai2d(gpt4v)",
  "aokvqa(cauldron,llava_format)",
  "vqav2",
  "中文数据",
  "Ünï",
  "2024",
  "a:1",
  'said "so", he',
  "p0003",
  "with blanks",
];
const inSubsets: PartId[] = names.flatMap((subset) => [0, 1, 10].map((part) => ({ subset, part })));

function named(parts: readonly PartId[], text: string, list: PartList = "parts", dataset = plain): string[] {
  const found = nameParts(dataset, parts, [{ list, text }]);
  if (found.kind !== "parts") return [found.kind, found.message];
  return found.parts.map(({ subset, part }) => (subset === null ? `${part}` : `${subset}|${part}`));
}

const all = (subset: string): string[] => [0, 1, 10].map((part) => `${subset}|${part}`);

describe("parts by number", () => {
  it.each([
    ["10", ["10"]],
    ["p0010", ["10"]],
    ["P10", ["10"]],
    ["00010", ["10"]],
    ["72-74", ["72", "73", "74"]],
    ["p0072-p0074,0", ["0", "72", "73", "74"]],
    ["p72-74, 0", ["0", "72", "73", "74"]],
    ["74,74,p0074", ["74"]],
    ["0-999999", ["0", "3", "10", "72", "73", "74"]],
    ["0-99999999999999999999999999", ["0", "3", "10", "72", "73", "74"]],
  ])("%s", (text, expected) => expect(named(numbered, text)).toEqual(expected));

  it.each([
    ["11", /clips has no part 11; it has 6 parts, from p0000 to p0074/],
    ["0,p0011", /no part p0011/],
    ["75-999", /no part 75-999/],
    ["99999999999999999999999999", /no part 9+;/],
    ["ai2d:0", /no part ai2d:0; it has 6 parts/],
    ["\u001b[2Jx", /no part \uFFFD\[2Jx;/],
  ])("%s does not exist, and is told with what does", (text, message) => {
    const [kind, told] = named(numbered, text);
    expect(kind).toBe("unknown");
    expect(told).toMatch(message);
  });

  it.each([
    ["", /empty word/],
    ["0,,1", /empty word/],
    ["0,", /empty word/],
    ["74-72", /74-72 runs backwards/],
    ["p0074-p0072", /runs backwards/],
    ["ai2d:x", /expected numbers behind the colon/],
    ['"ai2d', /not closed/],
    ['"ai2d"x', /expected a comma or :numbers/],
  ])("%j cannot be read", (text, message) => {
    const [kind, told] = named(numbered, text);
    expect(kind).toBe("malformed");
    expect(told).toMatch(message);
  });
});

it("a list of nothing but numbers can be refused before the parts are known", () => {
  expect(["0,72-74", "p0072 - p0074", "ai2d:3-1", "2024-01 (x)"].map(numbersProblem)).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(["", "0,,1", "3-1", "p10-p2"].map(numbersProblem)).not.toContain(null);
});

describe("parts of subsets", () => {
  it.each([
    ["ai2d:10", ["ai2d|10"]],
    ["ai2d:p0010", ["ai2d|10"]],
    ["ai2d-p0010", ["ai2d|10"]],
    ["AI2D:10", ["AI2D|10"]],
    ["ai2d:0-3,vqav2", [...all("ai2d").slice(0, 2), ...all("vqav2")].sort()],
    ["ai2d-p0000-p0003", ["ai2d|0", "ai2d|1"]],
    ["ai2d(gpt4v)", all("ai2d(gpt4v)")],
    ["ai2d(gpt4v):1", ["ai2d(gpt4v)|1"]],
    ["ai2d-gpt4v-p0001", ["ai2d(gpt4v)|1"]],
    ["aokvqa(cauldron,llava_format)", all("aokvqa(cauldron,llava_format)")],
    ["aokvqa(cauldron,llava_format):10,vqav2:0", ["aokvqa(cauldron,llava_format)|10", "vqav2|0"]],
    ['"aokvqa(cauldron,llava_format)":1', ["aokvqa(cauldron,llava_format)|1"]],
    ["'aokvqa(cauldron,llava_format)'-p0001", ["aokvqa(cauldron,llava_format)|1"]],
    ["aokvqa(cauldron\\,llava_format):1", ["aokvqa(cauldron,llava_format)|1"]],
    ["中文数据:0", ["中文数据|0"]],
    [`${subsetWord("中文数据")}-p0010`, ["中文数据|10"]],
    ["Ünï".normalize("NFD"), all("Ünï")],
    [`${"Ünï".normalize("NFD")}:10`, ["Ünï|10"]],
    ["2024:10", ["2024|10"]],
    ["2024-p0010", ["2024|10"]],
    ['"2024"', all("2024")],
    ["a:1", all("a:1")],
    ["a:1:10", ["a:1|10"]],
    ['said "so", he:0', ['said "so", he|0']],
    ['"said \\"so\\", he"', all('said "so", he')],
    ["p0003-p0001", ["p0003|1"]],
    [" with blanks : 0 , 2024:1", ["2024|1", "with blanks|0"]],
    ["10", names.map((name) => `${name}|10`)],
  ])("%s", (text, expected) => {
    const found = named(inSubsets, text);
    expect(found.toSorted()).toEqual([...expected].sort());
  });

  it("takes every name in the form in which it prints it, whole and with numbers", () => {
    for (const name of names) {
      expect(named(inSubsets, subsetText(name), "subsets")).toEqual(all(name));
      expect(named(inSubsets, subsetText(name))).toEqual(all(name));
      expect(named(inSubsets, `${subsetText(name)}:p0010`)).toEqual([`${name}|10`]);
    }
  });

  it("in a list of subsets no word is a number", () => {
    expect(named(inSubsets, "2024,中文数据", "subsets").toSorted()).toEqual(
      [...all("2024"), ...all("中文数据")].sort(),
    );
    expect(named(inSubsets, "ai2d:0", "subsets")[0]).toBe("unknown");
  });

  it("a subset or part that does not exist is told with what there is", () => {
    expect(named(inSubsets, "nope")[1]).toMatch(
      /^clips has no part nope; it has 12 subsets: ai2d, AI2D, .* and 4 more, /,
    );
    expect(named(inSubsets, "ai2d:11")[1]).toBe(
      "clips has no part ai2d:11; of ai2d it has 3 parts, from ai2d-p0000 to ai2d-p0010",
    );
    expect(named(inSubsets, "2024")[1]).toMatch(/is written "2024"$/);
  });

  it("a word that two subsets share names neither", () => {
    const twins = ["Data(a)", "Data a"].map((subset) => ({ subset, part: 0 }));
    expect(named(twins, "data-a-p0000")).toEqual([
      "unknown",
      'data-a-p0000 may be Data(a) or "Data a": give the name as the source has it',
    ]);
    expect(named(twins, "Data(a):0")).toEqual(["Data(a)|0"]);
  });

  it("takes the source's name where the catalogue has another", () => {
    const dataset = { name: "clips", subsetNames: { "图(一)": "first" } };
    const parts = [{ subset: "first", part: 0 }];
    for (const text of ["first", "图(一):0", "first-p0000"])
      expect(named(parts, text, "parts", dataset)).toEqual(["first|0"]);
  });

  it("a program's own selection is to the letter", () => {
    const chosen = nameParts(plain, inSubsets, [{ subset: "a:1", from: null, to: null }]);
    expect(chosen.kind === "parts" && chosen.parts).toHaveLength(3);
  });

  it("a program's selection takes a range with both ends, one number, or parts without a subset", () => {
    const chosen = (...asked: Parameters<typeof nameParts>[2]) => {
      const found = nameParts(plain, [...numbered, ...inSubsets.slice(0, 3)], asked);
      return found.kind === "parts" ? found.parts.map(partLabel) : found.message;
    };
    expect(chosen({ subset: null, from: 72, to: 73 })).toEqual(["p0072", "p0073"]);
    expect(chosen({ subset: null, from: 10, to: null })).toEqual(["p0010", "ai2d-p0010"]);
    expect(chosen({ subset: "ai2d", from: 0, to: 1 }, { subset: null, from: 3, to: 3 })).toEqual([
      "p0003",
      "ai2d-p0000",
      "ai2d-p0001",
    ]);
    expect(chosen({ subset: "ai2d", from: 2, to: 9 })).toMatch(/^clips has no part ai2d:2-9; of ai2d it has/);
    expect(chosen({ subset: "Ai2d", from: null, to: null })).toMatch(/^clips has no part Ai2d; it has/);
    expect(chosen()).toEqual([]);
  });

  it("of a dataset with nothing in it, or with one part, says so", () => {
    expect(named([], "0")[1]).toBe("clips has no part 0; it has no parts");
    expect(named([{ subset: "a", part: 3 }], "b")[1]).toBe(
      "clips has no part b; it has the subset a, with one part, a-p0003",
    );
  });

  it("requireParts throws wrong_use", () => {
    expect(() => requireParts(plain, numbered, [{ list: "parts", text: "p0011" }])).toThrow(Failure);
    expect(requireParts(plain, numbered, null)).toEqual(numbered);
  });
});

describe("labels", () => {
  it("are what they were for names that have a slug", () => {
    const labels = ["ai2d", "AI2D", "ai2d(gpt4v)", "0_30_s_academic_v0_1", "Ünï"].map((subset) =>
      partLabel({ subset, part: 7 }),
    );
    expect(labels).toEqual([
      "ai2d-p0007",
      "ai2d-p0007",
      "ai2d-gpt4v-p0007",
      "0_30_s_academic_v0_1-p0007",
      "n-p0007",
    ]);
  });

  it("are unique words of ASCII for names of another script, in either spelling", () => {
    const words = ["中文数据", "图像", "…", "が"].map(subsetWord);
    expect(new Set(words).size).toBe(4);
    for (const word of words) expect(word).toMatch(/^x[0-9a-f]{8}$/);
    expect(subsetWord("が".normalize("NFD"))).toBe(subsetWord("が"));
    expect(nameForm("が".normalize("NFD"))).toBe("が");
  });
});
