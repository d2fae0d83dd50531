import { describe, expect, it } from "vitest";
import { SharedWork } from "./shared-work.ts";

const never = new AbortController().signal;

/** Work under the test's hand, and the signal that it was given. */
function byHand(): {
  work: SharedWork<string>;
  begun: AbortSignal[];
  end: (text: string) => void;
  fail: (error: Error) => void;
} {
  const begun: AbortSignal[] = [];
  let end = (_: string): void => {};
  let fail = (_: Error): void => {};
  const work = new SharedWork<string>((signal) => {
    begun.push(signal);
    return new Promise((resolve, reject) => {
      end = resolve;
      fail = reject;
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  });
  return { work, begun, end: (text) => end(text), fail: (error) => fail(error) };
}

describe("shared work", () => {
  it("is done once for all who wait, and for who comes later", async () => {
    const { work, begun, end } = byHand();
    const both = Promise.all([work.join(never), work.join(never)]);
    end("done");
    expect(await both).toEqual(["done", "done"]);
    expect(await work.join(never)).toBe("done");
    expect(begun).toHaveLength(1);
    expect(begun[0]?.aborted).toBe(false);
  });

  it("goes on when the one who began it leaves", async () => {
    const { work, begun, end } = byHand();
    const first = new AbortController();
    const leaves = work.join(first.signal);
    const stays = work.join(never);
    first.abort(new Error("its lock is lost"));
    await expect(leaves).rejects.toThrow("its lock is lost");
    expect(begun[0]?.aborted).toBe(false);
    end("done");
    expect(await stays).toBe("done");
  });

  it("is given up with the last who waits, and is lost then", async () => {
    const { work, begun } = byHand();
    const waiting = [new AbortController(), new AbortController()];
    const joined = waiting.map(({ signal }) => work.join(signal));
    for (const [index, controller] of waiting.entries()) {
      expect(work.isLost).toBe(false);
      controller.abort(new Error(`${index} leaves`));
      await expect(joined[index]).rejects.toThrow(`${index} leaves`);
    }
    expect(begun[0]?.aborted).toBe(true);
    expect(work.isLost).toBe(true);
    expect(await work.result()).toBeNull();
  });

  it("that failed is told to all, and is lost", async () => {
    const { work, fail } = byHand();
    const both = [work.join(never), work.join(never)];
    fail(new Error("no network"));
    for (const one of both) await expect(one).rejects.toThrow("no network");
    expect(work.isLost).toBe(true);
  });
});
