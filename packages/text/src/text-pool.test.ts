import { setMaxListeners } from "node:events";
import type { Message, TokenSettings } from "@shardmill/core";
import { afterEach, describe, expect, it } from "vitest";
import { smallTokenizer } from "../testing/small-tokenizer.ts";
import { ConversationTokenizer } from "./conversation-tokenizer.ts";
import { openTextPool } from "./text-pool.ts";
import { readTokenizerFiles } from "./tokenizer-files.ts";

const files = smallTokenizer("a small text, and a small text again, to learn a little from");
const settings: TokenSettings = { loss: "answer", maxTokens: 1_024, overflow: "cut" };
const never = new AbortController().signal;
setMaxListeners(0, never);
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const pool of open.splice(0)) await pool.close();
});

async function poolOf(template: string | null, options: { size: number; limitMs?: number }) {
  const pool = await openTextPool(readTokenizerFiles({ ...files, template }), options);
  open.push(pool);
  return pool;
}

function conversation(index: number): Message[] {
  return [
    { role: "user", text: `question ${index}` },
    { role: "assistant", text: `answer ${index}`.repeat(1 + (index % 5)) },
  ];
}

describe("a pool of threads that tokenize", () => {
  it("gives what one tokenizer alone gives, however many ask at once", async () => {
    const pool = await poolOf(null, { size: 2 });
    const alone = ConversationTokenizer.open(readTokenizerFiles(files));
    const all = Array.from({ length: 200 }, (_, index) => conversation(index));
    const found = await Promise.all(all.map((messages) => pool.tokenize(messages, settings, never)));
    expect(found).toEqual(await Promise.all(all.map((messages) => alone.tokenize(messages, settings))));
  });

  it("lets go of who is called off while he waits", async () => {
    const pool = await poolOf(null, { size: 1 });
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    const all = Array.from({ length: 20 }, (_, index) =>
      pool.tokenize(conversation(index), settings, stop.signal),
    );
    stop.abort(new Error("stop"));
    const ends = await Promise.allSettled(all);
    expect(ends.at(-1)).toMatchObject({ status: "rejected", reason: stop.signal.reason });
    expect(await pool.tokenize(conversation(1), settings, never)).toMatchObject({ kind: "tokens" });
  });

  const hostile = (body: string) =>
    `{% for message in messages %}{% if 'loop' in message['content'] %}${body}{% endif %}{{ message['content'] + '<|im_end|>' }}{% endfor %}`;

  it.each([
    ["time", "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}"],
    ["memory", "{% for a in range(4000000000) %}{% endfor %}"],
  ])("loses a conversation whose template takes all %s, and nothing else", async (_what, body) => {
    const pool = await poolOf(hostile(body), { size: 2, limitMs: 1_500 });
    const [bad, ...good] = await Promise.all([
      pool.tokenize([{ role: "user", text: "loop" }, ...conversation(1)], settings, never),
      ...[1, 2, 3].map((index) => pool.tokenize(conversation(index), settings, never)),
    ]);
    expect(bad).toMatchObject({ kind: "rejected", rejection: { code: "template_refused" } });
    expect(good.map(({ kind }) => kind)).toEqual(["tokens", "tokens", "tokens"]);
    expect(await pool.tokenize(conversation(4), settings, never)).toMatchObject({ kind: "tokens" });
  });

  it("is not opened with files that cannot be used", async () => {
    await expect(poolOf("{% if %}", { size: 1 })).rejects.toMatchObject({ code: "tokenizer_invalid" });
  });
});
