import { expect, it } from "vitest";
import { HostSlots } from "./host-slots.ts";

const signal = new AbortController().signal;

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([promise.then(() => true), Promise.resolve(false).then(() => false)])) === true;
}

it("lets so many in for one host and for all, and a full host holds up no other", async () => {
  const slots = new HostSlots({ perHost: 2, atOnce: 3 });
  const first = await slots.enter("a", signal);
  await slots.enter("a", signal);
  const third = slots.enter("a", signal);
  const other = await slots.enter("b", signal);
  const another = slots.enter("c", signal);
  expect([await isSettled(third), await isSettled(another)]).toEqual([false, false]);
  other();
  // Host a is still full, so that the one behind it is next.
  await another;
  expect(await isSettled(third)).toBe(false);
  first();
  first();
  await third;
});

it("forgets whoever is cancelled while it waits", async () => {
  const slots = new HostSlots({ perHost: 1, atOnce: 1 });
  const leave = await slots.enter("a", signal);
  const stop = new AbortController();
  const waiting = slots.enter("a", stop.signal);
  const reason = new Error("enough");
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  leave();
  (await slots.enter("a", signal))();
});

it("gives a place at a host back when the wait for one among all is cancelled, and forgets hosts that are done", async () => {
  const slots = new HostSlots({ perHost: 1, atOnce: 1 });
  const leave = await slots.enter("a", signal);
  const stop = new AbortController();
  const waiting = slots.enter("b", stop.signal);
  const behind = slots.enter("b", signal);
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  leave();
  const leaveB = await behind;
  leaveB();
  // A second time does nothing to whoever is in now.
  const again = await slots.enter("b", signal);
  leaveB();
  const third = slots.enter("b", signal);
  expect(await isSettled(third)).toBe(false);
  again();
  (await third)();
});
