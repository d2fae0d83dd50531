import { defaultRecipe, type ImageResult, type MediaPool, reject } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { poolForShard } from "./remember-images.ts";

const never = new AbortController().signal;
const named = (text: string) => ({ name: text, bytes: Buffer.from(text) });
const settled = (promise: Promise<unknown>) =>
  promise.then(
    () => "given",
    () => "thrown",
  );

/** A pool that counts: every picture is as many bytes as it is told, once it may be made. */
class CountingPool implements MediaPool {
  readonly size = 1;
  readonly made: string[] = [];
  readonly stopped: string[] = [];
  readonly bytes: number;
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;
  closed = 0;

  constructor(bytes = 8) {
    this.bytes = bytes;
  }

  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
  }

  frames(): Promise<never> {
    throw new Error("no clip is expected");
  }

  spans(): Promise<never> {
    throw new Error("no clip is expected");
  }

  async image({ name, bytes }: { name: string; bytes: Uint8Array }, _: unknown, signal: AbortSignal) {
    this.made.push(Buffer.from(bytes).toString());
    signal.addEventListener("abort", () => this.stopped.push(name));
    await this.#gate;
    signal.throwIfAborted();
    if (name === "lost") throw new Error("the child is lost");
    if (name === "refused")
      return {
        kind: "rejected",
        rejection: reject("decode_timeout", "too late"),
        attempts: 1,
      } satisfies ImageResult;
    const jpeg = Buffer.alloc(this.bytes, bytes);
    return { kind: "image", jpeg, width: 1, height: 1, attempts: 1 } satisfies ImageResult;
  }

  async close(): Promise<void> {
    this.closed += 1;
  }
}

const ask = (pool: MediaPool, text: string, signal = never) => pool.image(named(text), defaultRecipe, signal);

describe("a shard's pictures", () => {
  it.each([
    ["pair", 1],
    ["none", 1],
    ["images", 2],
    ["video", 2],
  ] as const)("of media %s are each made %i times for two that are the same", async (media, times) => {
    const counting = new CountingPool();
    const pool = poolForShard(counting, media);
    const [one, other] = await Promise.all([ask(pool, "a"), ask(pool, "a")]);
    expect(one).toEqual(other);
    await ask(pool, "b");
    expect(counting.made.filter((text) => text === "a").length).toBe(times);
    expect(counting.made.filter((text) => text === "b").length).toBe(1);
  });

  it("are known by their bytes, whatever they are called", async () => {
    const counting = new CountingPool();
    const pool = poolForShard(counting, "pair");
    await pool.image({ name: "one", bytes: Buffer.from("x") }, defaultRecipe, never);
    await pool.image({ name: "other", bytes: Buffer.from("x") }, defaultRecipe, never);
    expect(counting.made).toEqual(["x"]);
  });

  it("are remembered by one shard alone", async () => {
    const counting = new CountingPool();
    await ask(poolForShard(counting, "pair"), "a");
    await ask(poolForShard(counting, "pair"), "a");
    expect(counting.made).toEqual(["a", "a"]);
  });

  it("are forgotten, the one asked for longest ago first, beyond 64 MiB", async () => {
    const counting = new CountingPool(20 * 1024 * 1024);
    const pool = poolForShard(counting, "pair");
    for (const text of ["a", "b", "c", "a", "d"]) await ask(pool, text);
    // Three fit: b went for d, a was asked for in between.
    for (const text of ["a", "c", "d", "b"]) await ask(pool, text);
    expect(counting.made).toEqual(["a", "b", "c", "d", "b"]);
  });

  it("that are larger than all that is kept are given, and made anew", async () => {
    const counting = new CountingPool(70 * 1024 * 1024);
    const pool = poolForShard(counting, "pair");
    expect((await ask(pool, "a")).kind).toBe("image");
    await ask(pool, "a");
    expect(counting.made).toEqual(["a", "a"]);
  });
});

describe("a caller who leaves", () => {
  it("spoils nothing for another who waits for the same picture", async () => {
    const counting = new CountingPool();
    counting.hold();
    const pool = poolForShard(counting, "pair");
    const leaving = new AbortController();
    const [one, other] = [ask(pool, "a", leaving.signal), ask(pool, "a")];
    leaving.abort(new Error("gone"));
    expect(await settled(one)).toBe("thrown");
    counting.release();
    expect((await other).kind).toBe("image");
    expect([counting.made, counting.stopped]).toEqual([["a"], []]);
  });

  it("as the last one ends the work, and whoever comes then has it done anew", async () => {
    const counting = new CountingPool();
    counting.hold();
    const pool = poolForShard(counting, "pair");
    const leaving = new AbortController();
    const one = ask(pool, "a", leaving.signal);
    leaving.abort(new Error("gone"));
    expect(await settled(one)).toBe("thrown");
    const other = ask(pool, "a");
    counting.release();
    expect((await other).kind).toBe("image");
    expect([counting.made, counting.stopped]).toEqual([["a", "a"], ["a"]]);
  });

  it("has called nobody to account: work that failed is tried again by the next", async () => {
    const counting = new CountingPool();
    const pool = poolForShard(counting, "pair");
    expect(await settled(ask(pool, "lost"))).toBe("thrown");
    expect(await settled(ask(pool, "lost"))).toBe("thrown");
    expect(counting.made).toEqual(["lost", "lost"]);
  });

  it("are tried again by the next where one was refused, and by nobody who waits with it", async () => {
    const counting = new CountingPool();
    const pool = poolForShard(counting, "pair");
    await Promise.all([ask(pool, "refused"), ask(pool, "refused")]);
    expect(counting.made).toEqual(["refused"]);
    expect((await ask(pool, "refused")).kind).toBe("rejected");
    expect(counting.made).toEqual(["refused", "refused"]);
  });
});

it("what is no picture goes to the pool as it is", async () => {
  const counting = new CountingPool();
  const pool = poolForShard(counting, "none");
  expect(() => pool.frames(named("clip"), defaultRecipe, never)).toThrow("no clip is expected");
  await pool.close();
  expect([pool.size, counting.closed]).toEqual([1, 1]);
});
