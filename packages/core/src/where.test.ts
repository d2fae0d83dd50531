import { describe, expect, it } from "vitest";
import { composeRecipe } from "./recipe.ts";
import { ruledOut, type WhereFields, type WhereValues, whereProblem } from "./where.ts";
import { parseWhere, whereText } from "./where-grammar.ts";

const fields: WhereFields = new Map([
  ["duration", "number"],
  ["score", "number"],
  ["id", "number"],
  ["caption", "text"],
  ["camera", "text"],
]);
const values = (of: Record<string, string | number | bigint | null>): WhereValues =>
  new Map(Object.entries(of));

function textOf(text: string): string {
  const where = parseWhere(text);
  return typeof where === "string" ? `refused: ${where}` : whereText(where);
}

const sample = { duration: 12.5, score: 5, id: 2n ** 63n + 1n, caption: "A dog runs", camera: null };
const holds = (text: string, of = sample as Record<string, string | number | bigint | null>): boolean =>
  ruledOut(text, values(of)) === null;

describe("a where", () => {
  it.each([
    ["duration>=5   and score<3", "duration >= 5 and score < 3"],
    ["a = 1 or b == 2 and c != 3", "a == 1 or b == 2 and c != 3"],
    ["(a = 1 or b = 2) and c = 3", "(a == 1 or b == 2) and c == 3"],
    ["not (a = 1 and b = 2)", "not (a == 1 and b == 2)"],
    ["not not a = 1", "not not a == 1"],
    ["not a in (1,2)", "a not in (1, 2)"],
    ["caption contains 'it\\'s \"so\"'", 'caption contains "it\'s \\"so\\""'],
    ["id in (9223372036854775809, -1.5e3)", "id in (9223372036854775809, -1500)"],
    ["camera != null", "camera != null"],
    ['caption == "हिन्दी 中文"', 'caption == "हिन्दी 中文"'],
  ])("has one way to be written, which is read as the same: %s", (text, written) => {
    expect(textOf(text)).toBe(written);
    expect(textOf(written)).toBe(written);
  });

  it.each([
    ["", "expected the name of a field at the end"],
    ["duration", "expected ==, !=, <, <=, >, >=, in or contains at the end"],
    ["duration >= five", 'expected a number, or a text in quotes at "five"'],
    ["duration >= 5 and", "expected the name of a field at the end"],
    ["duration >= 5 score < 3", 'expected and, or, or the end at "score < 3"'],
    ["(duration >= 5", "expected ) at the end"],
    ["duration in 5", 'expected ( at "5"'],
    ["duration in ()", 'expected a number, or a text in quotes at ")"'],
    ["caption contains 5", 'expected a text in quotes at "5"'],
    ["and = 5", 'expected the name of a field at "and = 5"'],
    ['caption == "open', 'nothing known begins at "\\"open"'],
    ["duration >= 5; rm", 'nothing known begins at "; rm"'],
    ["duration >= 5s", 'nothing known begins at "5s"'],
    ["duration >= 1.2.3", 'nothing known begins at "1.2.3"'],
    ["process.exit(1)", 'nothing known begins at ".exit(1)"'],
    ["a == 1 ? 2 : 3", 'nothing known begins at "? 2 : 3"'],
    [`${"(".repeat(40)}a = 1${")".repeat(40)}`, "32 within each other are the most"],
    [`${"not ".repeat(40)}a = 1`, "32 within each other are the most"],
    [`a = 1${" or a = 1".repeat(300)}`, "2000 letters are the most"],
    [`caption contains "${"\\a".repeat(999)}`, "2000 letters are the most"],
  ])("is refused in one line: %s", (text, problem) => {
    expect(parseWhere(text)).toBe(problem);
  });

  it("of the greatest length and depth is read, and soon", () => {
    const deep = `${"(".repeat(32)}a = 1${")".repeat(32)}`;
    expect(textOf(deep)).toBe("a == 1");
    const long = `a = 1${" or a=1".repeat(285)}`;
    expect(long.length).toBeLessThanOrEqual(2000);
    expect(parseWhere(long)).toMatchObject({ kind: "or" });
    expect(parseWhere(`caption == "${"\\\\".repeat(990)}`)).toMatch(/^nothing known/);
  });

  it.each([
    ["size > 5", "there is no field size; known are duration, score, id, caption, camera"],
    ["constructor == 1", /^there is no field constructor/],
    ["__proto__ == 1", /^there is no field __proto__/],
    ["duration == '5'", 'duration is a number, and duration == "5" is not of one'],
    ["caption in ('a', 1)", 'caption is a text, and caption in ("a", 1) is not of one'],
    ["caption > 'a'", "caption is a text: ask for ==, !=, in or contains"],
    ["score contains '1'", "score is a number, and contains is of texts"],
    ["score < null", "score < null: null can only be == or !="],
    ["duration > 1 and not (score > 2 or sise < 3)", /^there is no field sise/],
  ])("asks of a dataset only what it has, as what it is: %s", (text, problem) => {
    expect(whereProblem(text, fields)).toEqual(
      typeof problem === "string" ? problem : expect.stringMatching(problem),
    );
    expect(whereProblem("duration > 1 and camera in ('a', null)", fields)).toBeNull();
  });

  it.each([
    ["duration >= 12.5", true],
    ["duration > 12.5", false],
    ["score in (1, 5)", true],
    ["score not in (1, 5)", false],
    ["caption contains 'dog'", true],
    ["caption contains 'Dog'", false],
    ["id == 9223372036854775809", true],
    ["id == 9223372036854775808", false],
    ["id > 9223372036854775808", true],
    ["id > 5", true],
    ["camera == null", true],
    ["camera != null", false],
    ["camera != 'x'", false],
    ["camera == 'x'", false],
    ["not camera == 'x'", true],
    ["camera in ('x', null)", true],
    ["score == 5 and (duration < 1 or caption == 'A dog runs')", true],
    ["score == 4 or duration < 1", false],
  ])("holds or not: %s", (text, answer) => {
    expect(holds(text)).toBe(answer);
  });

  it("compares texts whichever of Unicode's spellings they have", () => {
    expect(holds("caption contains 'caf\u00e9'", { caption: "un cafe\u0301" })).toBe(true);
    expect(holds("caption == 'cafe\u0301'", { caption: "caf\u00e9" })).toBe(true);
  });

  it("rules out what is known to, by the first of its rules, and nothing that may still hold", () => {
    const known = values({ score: 1 });
    expect(ruledOut("duration > 5 and score > 2", known)).toBe("score > 2");
    expect(ruledOut("duration > 5 or score > 2", known)).toBeNull();
    expect(ruledOut("not (duration > 5 and score > 2)", known)).toBeNull();
    expect(ruledOut("not (duration > 5 or score < 2)", known)).toBe("not (duration > 5 or score < 2)");
    expect(ruledOut("score > 9 and duration > 5", values({ score: 1, duration: 1 }))).toBe("score > 9");
    expect(ruledOut(undefined, known)).toBeNull();
  });

  it("is a setting of the recipe, in its one writing", () => {
    const made = composeRecipe({}, ["where=duration>=5"]);
    expect(made.kind === "ok" && made.recipe.where).toBe("duration >= 5");
    expect(composeRecipe({}, ["where=duration >"])).toEqual({
      kind: "invalid",
      problems: ["recipe.where: expected a number, or a text in quotes at the end"],
    });
    expect(composeRecipe({}, ["where=5"])).toEqual({
      kind: "invalid",
      problems: ["recipe.where: expected a text such as duration >= 5"],
    });
  });
});
