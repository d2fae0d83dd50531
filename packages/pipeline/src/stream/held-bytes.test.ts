import { expect, it } from "vitest";
import { HeldBytes } from "./held-bytes.ts";

const signal = new AbortController().signal;

it("holds back whatever is not first in line when the room is used up", async () => {
  const held = new HeldBytes(100);
  expect(held.take(1, 60, signal)).toBeNull();
  const second = held.take(2, 60, signal);
  expect(second).not.toBeNull();
  // The first in line is let in, however full it is: the others wait for it.
  expect(held.take(0, 500, signal)).toBeNull();
  expect(held.usedBytes).toBe(560);
  held.handOn(0);
  expect(held.usedBytes).toBe(60);
  // Now place 1 is the first; it leaves, and the one that waited gets in.
  held.handOn(1);
  await second;
  expect(held.usedBytes).toBe(60);
});

it("takes back what a failed attempt held, and lets go of whoever is cancelled", async () => {
  const held = new HeldBytes(100);
  held.take(1, 90, signal);
  const stop = new AbortController();
  const waiting = held.take(2, 50, stop.signal);
  const reason = new Error("enough");
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  held.giveBack(1);
  expect(held.usedBytes).toBe(0);
});
