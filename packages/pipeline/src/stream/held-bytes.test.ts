import { expect, it } from "vitest";
import { Seeded } from "../../../core/testing/seeded.ts";
import { HeldBytes } from "./held-bytes.ts";

const signal = new AbortController().signal;

it("holds back whatever is not handed on next when the space is used up", async () => {
  const held = new HeldBytes(100);
  expect(held.take(1, 60, signal)).toBeNull();
  const second = held.take(2, 60, signal);
  expect(second).not.toBeNull();
  // The next one is let in, however full it is: the others wait for it.
  expect(held.take(0, 500, signal)).toBeNull();
  expect(held.usedBytes).toBe(560);
  held.handOn(0);
  expect(held.usedBytes).toBe(60);
  // Now place 1 is next; it leaves, and the one that waited gets in.
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

it("lets in whoever waits and becomes the next one, beyond the limit", async () => {
  const held = new HeldBytes(100);
  held.take(2, 90, signal);
  const waiting = held.take(1, 50, signal);
  const behind = held.take(3, 50, signal);
  held.handOn(0);
  await waiting;
  expect(held.usedBytes).toBe(140);
  held.handOn(1);
  expect(held.usedBytes).toBe(90);
  held.handOn(2);
  await behind;
  held.handOn(3);
  expect(held.usedBytes).toBe(0);
});

it("never holds more than the limit and one member, and ends whatever order the links come in (40 seeds)", async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const seeded = new Seeded(seed);
    const held = new HeldBytes(100);
    let peak = 0;
    const links = Array.from({ length: 30 }, async (_, place) => {
      await held.take(place, 0, signal);
      for (let chunk = seeded.below(8); chunk > 0; chunk -= 1) {
        for (let ticks = seeded.below(4); ticks > 0; ticks -= 1) await Promise.resolve();
        await held.take(place, seeded.below(30), signal);
        peak = Math.max(peak, held.usedBytes);
      }
    });
    for (const [place, link] of links.entries()) {
      await link;
      held.handOn(place);
    }
    expect(held.usedBytes).toBe(0);
    expect(peak).toBeLessThanOrEqual(100 + 7 * 29);
  }
});
