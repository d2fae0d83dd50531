import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Every page of this repository as one text: what a small tokenizer learns from. */
export function pages(): string {
  const folders = ["docs", ""].map((folder) => join(root, folder));
  return folders
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((file) => file.endsWith(".md"))
        .sort()
        .map((file) => join(folder, file)),
    )
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
}

const awkward = [
  "",
  " ",
  "\n",
  "\n\n \n",
  "\t\t x",
  "\r\n\r\n",
  "a\u0000b",
  "\u00a0\u00a0x",
  "\u2028x\u2029",
  "\ufeffabc",
  "\u200b\u200bx",
  "e\u0301\u0301",
  "it's I'LL we've 'S 's''s",
  "x".repeat(3_000),
  " ".repeat(500),
  "12345 1,234.5e-7 007",
  "١٢٣ १२३ 123",
  "日本語のテキスト、中文。",
  "한국어 텍스트",
  "שלום עולם مرحبا",
  "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪🇫🇷",
  "𝒳𝓎𝓏 𝟙𝟚",
  "<|im_start|",
  "|im_end|>",
  "<|",
  "</s><pad>",
  "a\\nb \\u0041",
  "{{ messages }} {% raw %}",
  "$$E=mc^2$$ \\frac{1}{2}",
  "https://example.org/a?b=c&d=%20#e",
  "\u{10ffff}\u{e000}\uf8ff",
  "ﷺ ﷽",
  "ſß ẞ ŉ",
  "———…“”",
  "\u180e\u180e x",
  "\x1c\x1d x",
];

/** Twelve thousand texts: lines and stretches of these pages, awkward texts, and awkward texts among them. */
export function manyTexts(): string[] {
  const lines = pages()
    .split("\n")
    .filter((line) => line !== "");
  const texts: string[] = [...awkward];
  const random = seeded(7);
  while (texts.length < 12_500) {
    const [line, other] = [pick(lines, random), pick(lines, random)];
    const from = Math.floor(random() * line.length);
    const kind = texts.length % 4;
    if (kind === 0) texts.push(line.slice(from));
    else if (kind === 1) texts.push(`${line}\n${other.slice(0, from)}`);
    else if (kind === 2) texts.push(`${line.slice(0, from)}${pick(awkward, random)}${line.slice(from)}`);
    else texts.push(`${pick(awkward, random)}${pick(awkward, random)}${other.slice(0, 20)}`);
  }
  return texts;
}

export function pick<T>(all: readonly T[], random: () => number): T {
  return all[Math.floor(random() * all.length)] as T;
}

/** The same numbers in every run, from 0 to before 1 (mulberry32, public domain). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
