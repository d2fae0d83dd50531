import { describe, expect, it } from "vitest";
import { type ByteSource, readAll } from "./byte-source.ts";

const signal = new AbortController().signal;

/** Ten bytes, given in chunks of these lengths. */
function sourceOf(...chunks: readonly number[]): ByteSource & { asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    name: "toy",
    sizeBytes: 10,
    asked,
    async *read({ start, end }, given) {
      asked.push({ start, end, isSignal: given === signal });
      let at = start;
      for (const length of chunks) {
        yield Uint8Array.from({ length: Math.min(length, end - at) }, (_, index) => at + index);
        at += length;
        if (at >= end) return;
      }
    },
  };
}

describe("readAll", () => {
  it.each([[[10]], [[1, 2, 3, 4]], [[0, 5, 0, 5]]])("puts chunks of %j together", async (chunks) => {
    const source = sourceOf(...chunks);
    expect([...(await readAll(source, { start: 2, end: 7 }, signal))]).toEqual([2, 3, 4, 5, 6]);
    expect(source.asked).toEqual([{ start: 2, end: 7, isSignal: true }]);
  });

  it("of nothing is nothing", async () => {
    expect(await readAll(sourceOf(10), { start: 4, end: 4 }, signal)).toHaveLength(0);
  });

  it("never takes more than was asked for: a source that gives too much is a bug that shows", async () => {
    const tooMuch: ByteSource = {
      name: "toy",
      sizeBytes: 10,
      async *read() {
        yield new Uint8Array(3);
        yield new Uint8Array(3);
      },
    };
    await expect(readAll(tooMuch, { start: 0, end: 5 }, signal)).rejects.toThrow(RangeError);
  });
});
