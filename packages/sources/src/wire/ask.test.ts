import { localRateGate, systemClock } from "@shardmill/core";
import { expect, it } from "vitest";
import { ask } from "./ask.ts";
import { net } from "./net.ts";

it.each(["an answer", "a body"])(
  "ends with the caller's reason where %s never comes and the client says nothing",
  async (what) => {
    const never = new Promise<never>(() => undefined);
    const silent: typeof fetch = async () => (what === "a body" ? new Response(new ReadableStream()) : never);
    const stop = new AbortController();
    const deps = { gate: localRateGate(systemClock), clock: systemClock, fetch: silent };
    const read = async (): Promise<void> => {
      const answer = await ask(net("test", deps, null), { url: new URL("http://127.0.0.1/x") }, stop.signal);
      for await (const _ of answer.chunks()) throw new Error("nothing can come");
    };
    const ended = expect(read()).rejects.toThrow("enough");
    setImmediate(() => stop.abort(new Error("enough")));
    await ended;
  },
);
