import { setMaxListeners } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure, type Message, type TokenSettings } from "@shardmill/core";
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

/** The children that tokenize, of this process. */
function children(): number[] {
  const listed = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
  const isText = (pid: string): boolean =>
    readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("text-child");
  return listed
    .trim()
    .split(" ")
    .filter((pid) => pid !== "" && isText(pid))
    .map(Number);
}

/** SIGTERM to them, as a machine that is shut down sends it. Whether there was one. */
function endChildren(): boolean {
  const pids = children();
  for (const pid of pids) process.kill(pid, "SIGTERM");
  return pids.length > 0;
}

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

describe("a pool of children that tokenize", () => {
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

  /** Keeps copies of a list of a million: there is soon no memory for another. */
  const copies =
    "{% set kept = namespace(list=[1], all=[]) %}{% for a in range(20) %}{% set kept.list = kept.list + kept.list %}{% endfor %}{% for a in range(10000) %}{% set kept.all = kept.all + [kept.list + [a]] %}{% endfor %}";

  it.each([
    [
      "time",
      "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
      1_500,
      "1.5 s",
    ],
    ["memory", copies, 60_000, "ended in it"],
  ])(
    "loses a conversation whose template takes all %s, and nothing else",
    async (_what, body, limitMs, why) => {
      const pool = await poolOf(hostile(body), { size: 2, limitMs });
      const [bad, ...good] = await Promise.all([
        pool.tokenize([{ role: "user", text: "loop" }, ...conversation(1)], settings, never),
        ...[1, 2, 3].map((index) => pool.tokenize(conversation(index), settings, never)),
      ]);
      expect(bad).toMatchObject({
        kind: "rejected",
        rejection: { code: "tokenize_failed", detail: expect.stringContaining(why) },
      });
      expect(good.map(({ kind }) => kind)).toEqual(["tokens", "tokens", "tokens"]);
      expect(await pool.tokenize(conversation(4), settings, never)).toMatchObject({ kind: "tokens" });
    },
  );

  it("tries again what a child was lost over that somebody else ended", async () => {
    const pool = await poolOf(hostile("{% for a in range(300000) %}{% endfor %}"), { size: 1 });
    const slow = pool.tokenize([{ role: "user", text: "loop" }, ...conversation(1)], settings, never);
    await expect.poll(() => endChildren(), { timeout: 10_000 }).toBe(true);
    expect(await slow).toMatchObject({ kind: "tokens" });
  });

  it("does not count the time of those who wait: whoever stands behind a template that does not end is served", async () => {
    const body = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    const pool = await poolOf(hostile(body), { size: 1, limitMs: 2_000 });
    const asked = [
      [{ role: "user" as const, text: "loop" }, ...conversation(1)],
      conversation(2),
      conversation(3),
    ];
    const all = await Promise.all(asked.map((messages) => pool.tokenize(messages, settings, never)));
    expect(all.map(({ kind }) => kind)).toEqual(["rejected", "tokens", "tokens"]);
  });

  it("takes no more than its own time from those who shared a child with a template that does not end", async () => {
    const body = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    const pool = await poolOf(hostile(body), { size: 2, limitMs: 1_000_000 });
    const stop = new AbortController();
    const bad = pool.tokenize([{ role: "user", text: "loop" }, ...conversation(1)], settings, stop.signal);
    const beside = [2, 3, 4, 5].map((index) => pool.tokenize(conversation(index), settings, never));
    // Its limit is a quarter of an hour: whoever had to wait for that would not be here.
    expect((await Promise.all(beside)).map(({ kind }) => kind)).toEqual(beside.map(() => "tokens"));
    stop.abort(new Error("stop"));
    await expect(bad).rejects.toThrow("stop");
  });

  it("gives up a template that ends for nobody, instead of losing one conversation after the other", async () => {
    const body = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    const pool = await poolOf(hostile(body), { size: 2, limitMs: 300 });
    const looping = (index: number): Message[] => [
      { role: "user", text: `loop ${index}` },
      { role: "assistant", text: "a" },
    ];
    const outcome = async (index: number): Promise<string> => {
      const found = await pool.tokenize(looping(index), settings, never).catch((error: unknown) => error);
      return found instanceof Failure ? `${found.code} ${found.retry}` : "rejected";
    };
    const ends: string[] = [];
    for (const index of [1, 2, 3, 4, 5]) ends.push(await outcome(index));
    expect(ends).toEqual([...Array(4).fill("rejected"), "tokenizer_invalid never"]);
    expect(await pool.tokenize(conversation(1), settings, never)).toMatchObject({ kind: "tokens" });
    expect(await outcome(6)).toBe("rejected");
  });

  it("goes on when a child was ended while it had nothing to do", async () => {
    const pool = await poolOf(null, { size: 1 });
    const first = await pool.tokenize(conversation(1), settings, never);
    await expect.poll(() => endChildren()).toBe(true);
    expect(await pool.tokenize(conversation(1), settings, never)).toEqual(first);
  });

  it("rejects of those who shared a child with a template that takes all memory only the guilty one", async () => {
    const pool = await poolOf(hostile(copies), { size: 1 });
    const asked = Array.from({ length: 9 }, (_, index) => conversation(index));
    asked.splice(4, 0, [{ role: "user", text: "loop" }, ...conversation(1)]);
    const all = await Promise.all(asked.map((messages) => pool.tokenize(messages, settings, never)));
    expect(all.map(({ kind }) => kind)).toEqual(
      asked.map((_, index) => (index === 4 ? "rejected" : "tokens")),
    );
    expect(all[4]).toMatchObject({ rejection: { code: "tokenize_failed" } });
  });

  it("lets go at once of who is called off while a child has him, and the others of his batch have their tokens", async () => {
    const pool = await poolOf(hostile("{% for a in range(300000) %}{% endfor %}"), { size: 1 });
    const alone = await pool.tokenize(conversation(2), settings, never);
    const stop = new AbortController();
    const slow = pool.tokenize([{ role: "user", text: "loop" }, ...conversation(1)], settings, never);
    const off = pool.tokenize(conversation(1), settings, stop.signal);
    const other = pool.tokenize(conversation(2), settings, never);
    const ended: string[] = [];
    const all = Promise.all([
      slow.then(() => ended.push("slow")),
      off.catch(() => ended.push("off")),
      other.then(() => ended.push("other")),
    ]);
    // The batch is on its way by then.
    setImmediate(() => setImmediate(() => stop.abort(new Error("stop"))));
    await expect(off).rejects.toThrow("stop");
    expect(await other).toEqual(alone);
    await all;
    expect(ended[0]).toBe("off");
  });

  it("tells a child that cannot start from one that is lost: that fails, and may pass", async () => {
    const pool = await poolOf(null, { size: 2 });
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = "--require=./is-not-there.cjs";
    try {
      const ends = await Promise.allSettled(
        [1, 2, 3, 4, 5].map((index) => pool.tokenize(conversation(index), settings, never)),
      );
      for (const end of ends)
        expect(end).toMatchObject({
          status: "rejected",
          reason: { name: "Failure", code: "tokenizer_unavailable", retry: "later" },
        });
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
    expect(await pool.tokenize(conversation(1), settings, never)).toMatchObject({ kind: "tokens" });
  });

  it("begins children again after its folder for temporary files was swept", async () => {
    const pool = await poolOf(null, { size: 1 });
    const first = await pool.tokenize(conversation(1), settings, never);
    const swept = readdirSync(tmpdir()).filter((name) => name.startsWith(`shardmill-text-${process.pid}-`));
    expect(swept).not.toEqual([]);
    for (const name of swept) rmSync(join(tmpdir(), name), { recursive: true });
    expect(endChildren()).toBe(true);
    expect(await pool.tokenize(conversation(1), settings, never)).toEqual(first);
  });

  it("is closed at once, whatever its children do, and leaves neither them nor files", async () => {
    const body = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    const pool = await poolOf(hostile(body), { size: 2 });
    await pool.tokenize(conversation(1), settings, never);
    const stuck = [1, 2, 3].map((index) =>
      pool.tokenize([{ role: "user", text: `loop ${index}` }, ...conversation(1)], settings, never),
    );
    const ends = Promise.allSettled(stuck);
    await expect.poll(() => children().length, { timeout: 10_000 }).toBe(2);
    await pool.close();
    expect((await ends).map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(children()).toEqual([]);
    expect(readdirSync(tmpdir()).some((name) => name.startsWith(`shardmill-text-${process.pid}-`))).toBe(
      false,
    );
    await expect(pool.tokenize(conversation(1), settings, never)).rejects.toThrow("closed");
  });

  it("is not opened with files that cannot be used", async () => {
    await expect(poolOf("{% if %}", { size: 1 })).rejects.toMatchObject({ code: "tokenizer_invalid" });
  });

  it("tells whoever asks that no child understands the tokenizer", async () => {
    const odd = { ...JSON.parse(files.tokenizer), model: { type: "Odd" } };
    const parts = readTokenizerFiles({ ...files, tokenizer: JSON.stringify(odd) });
    const pool = await openTextPool(parts, { size: 2 });
    open.push(pool);
    const ends = await Promise.allSettled(
      [1, 2].map((at) => pool.tokenize(conversation(at), settings, never)),
    );
    for (const end of ends)
      expect(end).toMatchObject({
        status: "rejected",
        reason: { code: "tokenizer_invalid", message: expect.stringContaining("is not understood") },
      });
    expect(children()).toEqual([]);
  });

  it("begins a further child only when those that there are have hardly rested", async () => {
    const body = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
    const pool = await poolOf(hostile(body), { size: 2 });
    const few = Array.from({ length: 20 }, (_, at) => pool.tokenize(conversation(at), settings, never));
    await Promise.all(few);
    expect(children()).toHaveLength(1);
    const stop = new AbortController();
    const stuck = pool.tokenize([{ role: "user", text: "loop" }, ...conversation(1)], settings, stop.signal);
    await expect.poll(() => children().length, { timeout: 10_000 }).toBe(1);
    // It waits for the second child, which comes long before the first is given up.
    expect(await pool.tokenize(conversation(2), settings, never)).toMatchObject({ kind: "tokens" });
    expect(children()).toHaveLength(2);
    stop.abort(new Error("stop"));
    await expect(stuck).rejects.toThrow("stop");
  });
});
