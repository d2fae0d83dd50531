import { setMaxListeners } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Tokenizer as OtherTokenizer } from "@huggingface/tokenizers";
import type { Message, TokenSettings } from "@shardmill/core";
import { openTextPool, readTokenizerFiles } from "@shardmill/text";
import { conversationsOf } from "./conversations.ts";
import { inParallel } from "./in-parallel.ts";
import { type Cost, measure, median, medianCost } from "./measure.ts";
import { TextMill } from "./text-mill.ts";
import type { TokensOptions } from "./tokens-options.ts";

const signal = new AbortController().signal;
setMaxListeners(0, signal);
const settings: TokenSettings = { loss: "answer", maxTokens: 1_000_000, overflow: "cut" };

type Contender = "library" | "other" | "shardmill" | "mill";

const contenders = ["library", "shardmill", "other", "mill"] as const;

/**
 * Conversations to token ids and loss masks through the pool of children, beside the tokenizers library alone on the texts that
 * the template writes, and beside the other library; and a whole build of as many rows as `mill` says, SmolTalk's in form.
 */
export async function compareRows(values: TokensOptions): Promise<void> {
  const say = (line: string): void => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const folder = values.tokenizer;
  const [tokenizer, config] = await Promise.all(
    ["tokenizer.json", "tokenizer_config.json"].map((name) => readFile(join(folder, name), "utf8")),
  );
  const parts = readTokenizerFiles({
    name: folder,
    tokenizer: tokenizer ?? "",
    config: config ?? null,
    template: null,
  });
  const [rows = 0] = values.rows;
  const millRows = values.mill;
  const all = await conversationsOf(values.texts, Math.max(millRows, rows));
  const conversations = all.slice(0, rows);
  const written = conversations.map(chatText);
  const workers = values.workers;
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
    for (let round = 1; round <= values.rounds; round += 1)
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
    `CPU to the library alone, medians: pool ${ratio("shardmill", "library").toFixed(2)}, whole mill ${ratio("mill", "library").toFixed(2)} (at most 1.4); to the other library: ${ratio("shardmill", "other").toFixed(2)}, ${ratio("mill", "other").toFixed(2)}`,
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

function chatText(messages: readonly Message[]): string {
  return messages.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`).join("");
}
