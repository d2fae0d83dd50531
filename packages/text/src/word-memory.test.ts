import { describe, expect, it } from "vitest";
import { manyTexts, pages, pick, seeded } from "../testing/awkward-texts.ts";
import { smallTokenizer } from "../testing/small-tokenizer.ts";
import { nativeTokenizer } from "./native-tokenizer.ts";
import { readTokenizerFiles } from "./tokenizer-files.ts";
import { WordMemory, type WordRule } from "./word-memory.ts";
import { wordRuleOf } from "./word-rule.ts";

const files = smallTokenizer(pages());
const json = JSON.parse(readTokenizerFiles(files).plain);
const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };

function opened(rule: WordRule) {
  const pre_tokenizer = rule === "byte-level" ? byteLevel : json.pre_tokenizer;
  const text = JSON.stringify({ ...json, pre_tokenizer });
  expect(wordRuleOf(JSON.parse(text))).toBe(rule);
  const library = nativeTokenizer().fromString(text);
  const idsOf = async (words: string): Promise<number[]> =>
    (await library.encode(words, null, { addSpecialTokens: false })).getIds();
  return { memory: new WordMemory(rule, library), idsOf };
}

/** Short texts of the characters at which words begin and end. */
function shortTexts(count: number): string[] {
  const characters = [..." \t\n\r    \n''''sstrevemlldSD0912aAzZéÀžſ!/:@[`{~…—“.,-\u2010\u2027\u00c0\u00d6"];
  const random = seeded(5);
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + Math.floor(random() * 24) }, () => pick(characters, random)).join(""),
  );
}

describe.each(["byte-level", "digits, byte-level"] as const)("words by the rule %s", (rule) => {
  it("have the ids that the library gives the whole text, and miss nothing of it", async () => {
    const { memory, idsOf } = opened(rule);
    const unlike: string[] = [];
    let remembered = 0;
    for (const text of [...shortTexts(8_000), ...manyTexts().slice(0, 4_000)]) {
      const words = memory.cut(text);
      if (words === null) continue;
      remembered += 1;
      const [ids] = await memory.ids([words]);
      if (words.join("") !== text || ids?.join() !== (await idsOf(text)).join()) unlike.push(text);
    }
    expect(unlike).toEqual([]);
    expect(remembered).toBeGreaterThan(9_000);
  });
});

describe("words", () => {
  it("are those of texts of known characters only", () => {
    const { memory } = opened("digits, byte-level");
    expect(memory.cut("it's 10 naïve “words”  ")).toEqual([
      "it",
      "'s",
      " ",
      "1",
      "0",
      " naïve",
      " “",
      "words",
      "”",
      "  ",
    ]);
    expect(memory.cut("")).toEqual([]);
    for (const text of [
      "x²",
      "\u00a0",
      "a\u0000",
      "中文",
      "e\u0301",
      "👍",
      "\u2028",
      "\u000b",
      "×",
      "\ufeff",
      "١",
    ])
      expect(memory.cut(text)).toBeNull();
  });

  it("are still right when more have come than are remembered", async () => {
    const { memory, idsOf } = opened("digits, byte-level");
    const random = seeded(3);
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const word = (): string => ` ${Array.from({ length: 6 }, () => pick(letters, random)).join("")}`;
    const first = Array.from({ length: 50 }, word);
    const before = await memory.ids([first]);
    for (let run = 0; run < 10; run += 1) await memory.ids([Array.from({ length: 7_000 }, word), first]);
    expect(await memory.ids([first])).toEqual(before);
    expect(before[0]).toEqual(await idsOf(first.join("")));
  });
});

describe("the rule of a tokenizer", () => {
  const rule = (changes: object): WordRule | null =>
    wordRuleOf({ ...JSON.parse(files.tokenizer), ...changes });

  it("is none where anything is otherwise", () => {
    expect(rule({})).toBe("digits, byte-level");
    expect(rule({ pre_tokenizer: byteLevel })).toBe("byte-level");
    expect(rule({ normalizer: { type: "NFC" } })).toBeNull();
    expect(rule({ model: { ...json.model, type: "Unigram" } })).toBeNull();
    expect(rule({ pre_tokenizer: { ...byteLevel, add_prefix_space: true } })).toBeNull();
    expect(rule({ pre_tokenizer: { ...byteLevel, use_regex: false } })).toBeNull();
    expect(rule({ pre_tokenizer: { type: "Metaspace" } })).toBeNull();
    expect(rule({ pre_tokenizer: { type: "Sequence", pretokenizers: [byteLevel] } })).toBeNull();
    const digits = { type: "Digits", individual_digits: false };
    expect(rule({ pre_tokenizer: { type: "Sequence", pretokenizers: [digits, byteLevel] } })).toBeNull();
    const [token] = JSON.parse(files.tokenizer).added_tokens;
    for (const how of ["single_word", "lstrip", "rstrip"])
      expect(rule({ added_tokens: [{ ...token, [how]: true }] })).toBeNull();
  });
});
