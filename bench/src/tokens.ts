import { setMaxListeners } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Tokenizer as OtherTokenizer } from "@huggingface/tokenizers";
import type { Message, TokenSettings } from "@shardmill/core";
import { openTextPool, readTokenizerFiles } from "@shardmill/text";
import { inParallel } from "./in-parallel.ts";
import { type Cost, measure, median, medianCost } from "./measure.ts";
import { TextMill } from "./text-mill.ts";

const signal = new AbortController().signal;
setMaxListeners(0, signal);
const settings: TokenSettings = { loss: "answer", maxTokens: 1_000_000, overflow: "cut" };

type Contender = "library" | "other" | "shardmill" | "mill";

const contenders = ["library", "shardmill", "other", "mill"] as const;

/**
 * Conversations to token ids and loss masks through the pool of children, beside the tokenizers library alone on the texts that
 * the template writes, and beside the other library; and a whole build of as many rows as `--mill` says, SmolTalk's in form.
 * `--tokenizer DIR` is a folder with a model's tokenizer.json.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      tokenizer: { type: "string" },
      texts: { type: "string", default: "docs" },
      workers: { type: "string", default: "2" },
      rounds: { type: "string", default: "5" },
      rows: { type: "string", default: "4000" },
      mill: { type: "string", default: "40000" },
    },
  });
  if (values.tokenizer === undefined)
    throw new Error("expected --tokenizer DIR, a folder with tokenizer.json and tokenizer_config.json");
  const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const folder = resolve(values.tokenizer);
  const [tokenizer, config] = await Promise.all(
    ["tokenizer.json", "tokenizer_config.json"].map((name) => readFile(join(folder, name), "utf8")),
  );
  const parts = readTokenizerFiles({
    name: folder,
    tokenizer: tokenizer ?? "",
    config: config ?? null,
    template: null,
  });
  const millRows = Number(values.mill);
  const all = await conversationsOf(resolve(values.texts), Math.max(millRows, Number(values.rows)));
  const conversations = all.slice(0, Number(values.rows));
  const written = conversations.map(chatText);
  const workers = Number(values.workers);
  const pool = await openTextPool(parts, { size: workers });
  const load = createRequire(import.meta.url);
  const { Tokenizer } = load("@anush008/tokenizers") as typeof import("@anush008/tokenizers");
  const library = Tokenizer.fromString(tokenizer ?? "");
  const other = new OtherTokenizer(JSON.parse(tokenizer ?? ""), {});
  let tokens = 0;
  const mill = await TextMill.open(all.slice(0, millRows), { rows: millRows, tokenizer: folder });
  const run: Record<Exclude<Contender, "mill">, () => Promise<void>> = {
    library: () =>
      inParallel(written, workers, async (text) => {
        (await library.encode(text, null, { addSpecialTokens: false })).getIds();
      }),
    other: async () => {
      for (const text of written) other.encode(text, { add_special_tokens: false });
    },
    shardmill: async () => {
      tokens = 0;
      await inParallel(conversations, workers * 4, async (messages) => {
        const result = await pool.tokenize(messages, settings, signal);
        if (result.kind === "tokens") tokens += result.tokenIds.length;
      });
    },
  };
  const costs: Record<Contender, Cost[]> = { library: [], other: [], shardmill: [], mill: [] };
  try {
    await run.shardmill();
    say(`${conversations.length} conversations, ${tokens} tokens, ${workers} at once`);
    for (let round = 1; round <= Number(values.rounds); round += 1)
      for (const name of contenders) {
        const cost =
          name === "mill"
            ? await mill.build("tokens", millRows)
            : await measure(conversations.length, run[name]);
        costs[name].push(cost);
        say(`round ${round} ${name.padEnd(10)}${describe(cost, tokens / conversations.length)}`);
      }
  } finally {
    await pool.close();
    await mill.close();
  }
  const ratio = (of: Contender, to: Contender): number =>
    median(
      costs[of].map((cost, at) => cost.cpuSecondsPerClip / (costs[to][at]?.cpuSecondsPerClip ?? Number.NaN)),
    );
  for (const name of contenders)
    say(`median  ${name.padEnd(10)}${describe(medianCost(costs[name]), tokens / conversations.length)}`);
  say(
    `CPU to the library alone: pool ${ratio("shardmill", "library").toFixed(2)}, whole mill ${ratio("mill", "library").toFixed(2)}; to the other library: ${ratio("shardmill", "other").toFixed(2)}, ${ratio("mill", "other").toFixed(2)}`,
  );
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ tokens, costs, toLibrary: ratio("mill", "library"), toOther: ratio("mill", "other") }, null, 2)}\n`,
    );
}

function describe({ clipsPerSecond, cpuSecondsPerClip, peakMiB }: Cost, tokensPerRow: number): string {
  const perSecond = Math.round(clipsPerSecond * tokensPerRow).toLocaleString("en");
  const memory = peakMiB > 0 ? `, ${Math.round(peakMiB)} MiB at most` : "";
  return `${perSecond} tokens/s, ${(cpuSecondsPerClip * 1e3).toFixed(2)} CPU ms/row${memory}`;
}

/** One word in so many is one that nobody has said before, as names are: no memory of words is of use for it. */
const freshEvery = 50;

/** Of one to four turns, of the lines of a folder's pages: some two thousand characters each, as SmolTalk's are. */
async function conversationsOf(folder: string, rows: number): Promise<Message[][]> {
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

function chatText(messages: readonly Message[]): string {
  return messages.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`).join("");
}
