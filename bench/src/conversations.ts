import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Message } from "@shardmill/core";

/** One word in so many is one that nobody has said before, as names are: no memory of words is of use for it. */
const freshEvery = 50;

/** Of one to four turns, of the lines of a folder's pages: some two thousand characters each, as SmolTalk's are. */
export async function conversationsOf(folder: string, rows: number): Promise<Message[][]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".md")).sort();
  const pages = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const lines = pages
    .join("\n")
    .split("\n")
    .filter((line) => line.trim() !== "");
  let at = 0;
  let words = 0;
  let fresh = 0;
  const next = (): string => {
    at = (at + 7) % lines.length;
    return (lines[at] ?? "").replace(/(?<= )[a-z]{3,}/g, (word) => {
      words += 1;
      if (words % freshEvery !== 0) return word;
      fresh += 1;
      return nameOf(fresh);
    });
  };
  const take = (count: number): string => Array.from({ length: count }, next).join("\n");
  return Array.from({ length: rows }, (_, row) => [
    { role: "system" as const, text: "You are a helpful AI assistant." },
    ...Array.from({ length: 1 + (row % 4) }, () => [
      { role: "user" as const, text: take(2) },
      { role: "assistant" as const, text: take(6) },
    ]).flat(),
  ]);
}

/** Seven letters, for each number others. */
function nameOf(number: number): string {
  let rest = (number * 2_654_435_761) % 26 ** 7;
  let name = "";
  for (let at = 0; at < 7; at += 1) {
    name += String.fromCharCode(97 + (rest % 26));
    rest = Math.floor(rest / 26);
  }
  return name;
}
