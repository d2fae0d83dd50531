import { describe, expect, it } from "vitest";
import { MemberBuffers } from "./member-buffers.ts";

const MB = 1_000_000;

describe("room for members", () => {
  it("is used again for one that is as large, or half as large, and for no smaller one", () => {
    const buffers = new MemberBuffers(80 * MB);
    const first = buffers.take(4 * MB);
    expect(first.length).toBe(4 * MB);
    buffers.giveBack(first);
    const tiny = buffers.take(1.5 * MB);
    expect(tiny.buffer).not.toBe(first.buffer);
    const second = buffers.take(2.5 * MB);
    expect(second.buffer).toBe(first.buffer);
    expect(second.length).toBe(2.5 * MB);
    // What it holds of memory is all of the room.
    expect(buffers.sizeOf(second)).toBe(first.buffer.byteLength);
  });

  it("is never lent twice at once, whoever gives it back twice", () => {
    const buffers = new MemberBuffers(80 * MB);
    const first = buffers.take(2 * MB);
    buffers.giveBack(first);
    buffers.giveBack(first);
    const rooms = [buffers.take(2 * MB), buffers.take(2 * MB)].map(({ buffer }) => buffer);
    expect(rooms[0]).toBe(first.buffer);
    expect(rooms[1]).not.toBe(first.buffer);
  });

  it("takes the smallest that will do", () => {
    const buffers = new MemberBuffers(80 * MB);
    const [large, small] = [buffers.take(4 * MB), buffers.take(3 * MB)];
    buffers.giveBack(large);
    buffers.giveBack(small);
    expect(buffers.take(2.5 * MB).buffer).toBe(small.buffer);
  });

  it("keeps an eighth of the memory at most, and what was given back last", () => {
    const buffers = new MemberBuffers(80 * MB);
    const taken = Array.from({ length: 8 }, () => buffers.take(4 * MB));
    for (const one of taken) buffers.giveBack(one);
    const known = new Set(taken.slice(-2).map(({ buffer }) => buffer));
    const again = Array.from({ length: 8 }, () => buffers.take(4 * MB));
    expect(again.filter(({ buffer }) => known.has(buffer))).toHaveLength(2);
    expect(again.filter(({ buffer }) => taken.some((one) => one.buffer === buffer))).toHaveLength(2);
    const larger = buffers.take(20 * MB);
    buffers.giveBack(larger);
    expect(buffers.take(20 * MB).buffer).not.toBe(larger.buffer);
  });

  it("leaves the bytes of others alone", () => {
    const buffers = new MemberBuffers(80 * MB);
    const page = Buffer.allocUnsafeSlow(4 * MB);
    expect(buffers.sizeOf(page.subarray(0, MB))).toBe(MB);
    buffers.giveBack(page.subarray(0, MB));
    expect(buffers.take(4 * MB).buffer).not.toBe(page.buffer);
    const little = buffers.take(1000);
    buffers.giveBack(little);
    expect(buffers.take(1000).buffer).not.toBe(little.buffer);
  });
});
