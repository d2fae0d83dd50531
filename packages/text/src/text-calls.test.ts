import { setMaxListeners } from "node:events";
import type { TokenSettings } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { TextCalls } from "./text-calls.ts";

const settings: TokenSettings = { loss: "answer", maxTokens: 1_024, overflow: "cut" };
const never = new AbortController().signal;
setMaxListeners(0, never);

const texts = (taken: readonly { messages: readonly { text: string }[] }[]): (string | undefined)[] =>
  taken.map(({ messages }) => messages[0]?.text);

function asked(all: readonly string[], signal = never) {
  const calls = new TextCalls();
  const ends = all.map((text) => calls.ask([{ role: "user", text }], settings, signal));
  for (const end of ends) end.catch(() => undefined);
  return { calls, ends };
}

describe("those who wait for a child", () => {
  it("are taken in the order in which they came, a like share for each idle child", () => {
    const { calls } = asked(["a", "b", "c", "d", "e"]);
    expect(texts(calls.take(2))).toEqual(["a", "b", "c"]);
    expect(texts(calls.take(1))).toEqual(["d", "e"]);
    expect(calls.isEmpty).toBe(true);
  });

  it("are 32 at once, and 256 KiB of text, unless one is longer by itself", () => {
    const many = asked(Array.from({ length: 100 }, (_, index) => String(index))).calls;
    expect([many.take(1), many.take(1), many.take(1), many.take(1)].map(({ length }) => length)).toEqual([
      32, 32, 32, 4,
    ]);
    const half = "x".repeat(2 ** 16);
    const long = asked([half, half, "x", half.repeat(3), "x"]).calls;
    expect([1, 2, 3, 4].map(() => long.take(1).length)).toEqual([2, 1, 1, 1]);
  });

  it("go again one by one, and before others, when their child was lost; but who was called off does not", async () => {
    const stop = new AbortController();
    const { calls } = asked(["a", "b"]);
    const off = calls.ask([{ role: "user", text: "off" }], settings, stop.signal);
    const batch = calls.take(1);
    void calls.ask([{ role: "user", text: "later" }], settings, never);
    stop.abort(new Error("stop"));
    await expect(off).rejects.toBe(stop.signal.reason);
    calls.again(batch);
    expect([1, 2, 3].map(() => texts(calls.take(2)))).toEqual([["a"], ["b"], ["later"]]);
    expect(calls.isEmpty).toBe(true);
  });

  it("are let go when they are called off, and then nobody takes them", async () => {
    const stop = new AbortController();
    const { calls, ends } = asked(["a", "b"], stop.signal);
    const batch = calls.take(2);
    stop.abort(new Error("stop"));
    for (const end of ends) await expect(end).rejects.toBe(stop.signal.reason);
    expect(calls.isEmpty).toBe(true);
    // An answer that comes afterwards is nobody's.
    for (const call of batch)
      call.resolve({ kind: "rejected", rejection: { code: "too_large", detail: "" } });
    await expect(calls.ask([], settings, stop.signal)).rejects.toBe(stop.signal.reason);
  });
});
