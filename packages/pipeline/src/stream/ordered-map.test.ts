import { Semaphore } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { orderedMap } from "./ordered-map.ts";

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i += 1) yield i;
}

const never = new AbortController().signal;
const options = { bytesOf: () => 10, window: 8, signal: never };

/** A gate per item, opened by the test in an order of its choice. */
function gates(count: number): { promise: Promise<void>; open: () => void }[] {
  return Array.from({ length: count }, () => {
    let open = (): void => undefined;
    const promise = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { promise, open };
  });
}

describe("orderedMap", () => {
  it("yields in input order although the items end in reverse", async () => {
    const doors = gates(5);
    const seen: number[] = [];
    const consuming = (async () => {
      const map = async (i: number): Promise<number> => {
        await doors[i]!.promise;
        return i;
      };
      for await (const i of orderedMap(() => numbers(5), map, { ...options, budget: new Semaphore(1000) }))
        seen.push(i);
    })();
    for (const door of doors.toReversed()) door.open();
    await consuming;
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  it("never holds more bytes than the budget", async () => {
    const budget = new Semaphore(30);
    let most = 0;
    const map = async (i: number): Promise<number> => {
      most = Math.max(most, budget.used);
      await Promise.resolve();
      return i;
    };
    let count = 0;
    for await (const _ of orderedMap(() => numbers(100), map, { ...options, budget })) count += 1;
    expect(count).toBe(100);
    expect(most).toBeLessThanOrEqual(30);
    expect(budget.used).toBe(0);
  });

  it("aborts and awaits the others when one fails, and gives every byte back", async () => {
    const budget = new Semaphore(1000);
    const aborted: number[] = [];
    const [second] = gates(1);
    const map = (i: number, signal: AbortSignal): Promise<number> => {
      if (i === 0) return second!.promise.then(() => Promise.reject(new Error("first is broken")));
      return new Promise((_, fail) => {
        signal.addEventListener("abort", () => {
          aborted.push(i);
          fail(signal.reason);
        });
        second!.open();
      });
    };
    const all = (async () => {
      for await (const _ of orderedMap(() => numbers(4), map, { ...options, budget }));
    })();
    await expect(all).rejects.toThrow("first is broken");
    expect(aborted).toContain(1);
    expect(budget.used).toBe(0);
  });

  it("meets an error of the input after the items that came before it", async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      throw new Error("the stream is cut");
    }
    const seen: number[] = [];
    const all = (async () => {
      for await (const i of orderedMap(broken, async (n) => n, { ...options, budget: new Semaphore(100) }))
        seen.push(i);
    })();
    await expect(all).rejects.toThrow("the stream is cut");
    expect(seen).toEqual([1, 2]);
  });
});
