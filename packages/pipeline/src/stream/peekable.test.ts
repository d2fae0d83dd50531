import { describe, expect, it } from "vitest";
import { Peekable } from "./peekable.ts";

function counting(items: readonly string[], failsAt = Number.POSITIVE_INFINITY) {
  const read = { count: 0, isClosed: false };
  async function* give() {
    try {
      for (const item of items) {
        read.count += 1;
        if (read.count > failsAt) throw new Error("cut off");
        yield item;
      }
    } finally {
      read.isClosed = true;
    }
  }
  return { read, items: new Peekable(give()) };
}

describe("looking one item ahead", () => {
  it("reads each item once, however often it is looked at, and ends with null", async () => {
    const { read, items } = counting(["a", "b"]);
    expect([await items.peek(), await items.peek(), read.count]).toEqual(["a", "a", 1]);
    expect([await items.take(), await items.take()]).toEqual(["a", "b"]);
    expect([await items.take(), await items.peek(), await items.take()]).toEqual([null, null, null]);
  });

  it("shows a failed read to everybody who looks", async () => {
    const { items } = counting(["a", "b"], 1);
    expect(await items.take()).toBe("a");
    await expect(items.peek()).rejects.toThrow("cut off");
    await expect(items.take()).rejects.toThrow("cut off");
    await items.close();
  });

  it("closes what it reads from, also with an item in its hand", async () => {
    const { read, items } = counting(["a", "b"]);
    await items.peek();
    await items.close();
    expect(read).toEqual({ count: 1, isClosed: true });
  });
});
