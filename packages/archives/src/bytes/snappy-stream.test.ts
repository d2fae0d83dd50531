import { compressors } from "hyparquet-compressors";
import { expect, it } from "vitest";
import { noise } from "../../testing/noise.ts";
import { SnappyStream } from "./snappy-stream.ts";

/** Literals of every length form, and copies of every kind, overlapping ones too. */
function block(): { packed: Buffer; bytes: number } {
  const parts: Buffer[] = [];
  let bytes = 0;
  const literal = (length: number): void => {
    const data = noise(length, length);
    const n = length - 1;
    const head =
      n < 60
        ? [n << 2]
        : n < 256
          ? [60 << 2, n]
          : n < 65_536
            ? [61 << 2, n & 255, n >> 8]
            : [62 << 2, n & 255, (n >> 8) & 255, n >> 16];
    parts.push(Buffer.from(head), data);
    bytes += length;
  };
  for (const length of [1, 60, 61, 300, 70_000]) literal(length);
  parts.push(
    Buffer.from([1 | (3 << 2) | (1 << 5), 44]),
    Buffer.from([2 | (63 << 2), 1, 0]),
    Buffer.from([3 | (20 << 2), 0, 1, 1, 0]),
  );
  bytes += 7 + 64 + 21;
  literal(5);
  const length = [(bytes & 0x7f) | 0x80, ((bytes >> 7) & 0x7f) | 0x80, bytes >> 14];
  return { packed: Buffer.concat([Buffer.from(length), ...parts]), bytes };
}

it.each([1, 2, 7, 1000, 1_000_000])(
  "decompresses a snappy block in chunks of %i as a whole one",
  (chunkBytes) => {
    const { packed, bytes } = block();
    const stream = new SnappyStream(bytes);
    for (let at = 0; at < packed.length; at += chunkBytes) stream.push(packed.subarray(at, at + chunkBytes));
    const expected = compressors.SNAPPY?.(packed, bytes) ?? new Uint8Array(0);
    expect(Buffer.compare(stream.finish(), expected)).toBe(0);
  },
);

it.each([1, 7, 1000, 1_000_000])("hands out what it need not keep, in chunks of %i", (chunkBytes) => {
  const { packed, bytes } = block();
  // No copy in the block goes back further than this.
  const stream = new SnappyStream(bytes, 66_000);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < packed.length; at += chunkBytes)
    for (const piece of stream.feed(packed.subarray(at, at + chunkBytes))) pieces.push(piece.slice());
  pieces.push(stream.finish());
  const expected = compressors.SNAPPY?.(packed, bytes) ?? new Uint8Array(0);
  expect(Buffer.compare(Buffer.concat(pieces), expected)).toBe(0);
});

it("throws where a copy goes back further than the window", () => {
  const { packed, bytes } = block();
  const stream = new SnappyStream(bytes * 3, 1000);
  expect(() => [...stream.feed(packed)]).toThrow(/copy/);
});

it("throws where the block is longer or shorter than stated, or copies from nowhere", () => {
  const { packed, bytes } = block();
  const run = (input: Uint8Array, size: number) => () => {
    const stream = new SnappyStream(size);
    stream.push(input);
    stream.finish();
  };
  expect(run(packed, bytes - 1)).toThrow();
  expect(run(packed, bytes + 1)).toThrow();
  expect(run(packed.subarray(0, 500), bytes)).toThrow();
  expect(run(Buffer.from([4, 2, 9, 0]), 4)).toThrow();
});
