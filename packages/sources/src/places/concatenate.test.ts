import { type ByteRange, type ByteSource, readAll } from "@shardmill/core";
import { expect, it } from "vitest";
import { concatenate } from "./concatenate.ts";

const signal = new AbortController().signal;

function piece(bytes: number[], reads: ByteRange[] = []): ByteSource {
  return {
    name: "piece",
    sizeBytes: bytes.length,
    async *read(range) {
      reads.push(range);
      yield Uint8Array.from(bytes.slice(range.start, range.end));
    },
  };
}

it("reads every range as if the pieces were one file", async () => {
  const whole = concatenate([piece([0, 1, 2]), piece([]), piece([3]), piece([4, 5, 6, 7])], "whole.zip");
  expect(whole.sizeBytes).toBe(8);
  for (let start = 0; start <= 8; start += 1) {
    for (let end = start; end <= 8; end += 1) {
      const expected = [0, 1, 2, 3, 4, 5, 6, 7].slice(start, end);
      expect([...(await readAll(whole, { start, end }, signal))]).toEqual(expected);
    }
  }
});

it("asks each piece only for its own share, and a piece outside the range for nothing", async () => {
  const reads: ByteRange[][] = [[], [], []];
  const pieces = [piece([0, 1, 2], reads[0]), piece([3, 4], reads[1]), piece([5], reads[2])];
  await readAll(concatenate(pieces, "whole.zip"), { start: 2, end: 4 }, signal);
  expect(reads).toEqual([[{ start: 2, end: 3 }], [{ start: 0, end: 1 }], []]);
});

it("refuses a range beyond the end", async () => {
  await expect(readAll(concatenate([piece([1])], "w"), { start: 0, end: 2 }, signal)).rejects.toThrow(
    RangeError,
  );
});
