import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { unlessAborted } from "./unless-aborted.ts";

const never = new Promise<never>(() => undefined);

it("gives what the work gives, and its error, while nobody stops it", async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve(7), signal)).toBe(7);
  await expect(unlessAborted(Promise.reject(new Error("broken")), signal)).rejects.toThrow("broken");
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("ends with the signal's reason as soon as it aborts, though the work goes on", async () => {
  const controller = new AbortController();
  const waiting = unlessAborted(never, controller.signal);
  const reason = new Error("stopped");
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(unlessAborted(never, controller.signal)).rejects.toBe(reason);
});
