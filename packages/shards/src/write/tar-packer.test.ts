import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { TarPacker } from "./tar-packer.ts";

/** 0, 1, 511, 512 and 513 bytes, and more than any buffer of a stream holds. */
const sizes = [0, 1, 511, 512, 513, 3_000_000];
const bytesOf = (size: number): Uint8Array => new Uint8Array(size).fill(7);

it("an entry comes out whole, with its place, before the next is packed", async () => {
  const packer = new TarPacker();
  let at = 0;
  for (const size of sizes) {
    const { chunks, headerOffset, dataOffset } = await packer.entry(`of-${size}.bin`, bytesOf(size));
    const out = Buffer.concat(chunks);
    expect([headerOffset, dataOffset]).toEqual([at, at + 512]);
    expect(out.length).toBe(512 + Math.ceil(size / 512) * 512);
    expect(out.subarray(512, 512 + size).every((byte) => byte === 7)).toBe(true);
    expect(out.subarray(512 + size).every((byte) => byte === 0)).toBe(true);
    expect(out.toString("latin1", 0, out.indexOf(0))).toBe(`of-${size}.bin`);
    at += out.length;
    expect(packer.sizeBytes).toBe(at);
  }
  const end = await packer.end();
  expect(end.length).toBeGreaterThanOrEqual(1024);
  expect((at + end.length) % 10_240).toBe(0);
  expect(end.every((byte) => byte === 0)).toBe(true);
});

it("the same entries are the same bytes, whatever the clock says", async () => {
  const pack = async (): Promise<Buffer> => {
    const packer = new TarPacker();
    const { chunks } = await packer.entry("a.json", Buffer.from("{}"));
    return Buffer.concat([...chunks, await packer.end()]);
  };
  const first = await pack();
  await setImmediate();
  expect((await pack()).equals(first)).toBe(true);
  expect(first.toString("latin1", 136, 147)).toBe("00000000000");
});

it("data are handed on as they are, not copied", async () => {
  const packer = new TarPacker();
  const bytes = bytesOf(100_000);
  const { chunks } = await packer.entry("a.jpg", bytes);
  expect(chunks.some((chunk) => chunk.buffer === bytes.buffer)).toBe(true);
});

it("one that is let go packs nothing more", async () => {
  const packer = new TarPacker();
  await packer.entry("a.jpg", bytesOf(10));
  packer.destroy();
  await expect(packer.entry("b.jpg", bytesOf(10))).rejects.toThrow("destroyed");
});
