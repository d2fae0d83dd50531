import { describe, expect, it } from "vitest";
import { Seeded } from "../testing/seeded.ts";
import { type Release, Semaphore } from "./semaphore.ts";

const never = new AbortController().signal;

/** Names in the order in which they were let in; each holds on until it is told to leave. */
function guests(semaphore: Semaphore) {
  const inside: string[] = [];
  const releases = new Map<string, Release>();
  return {
    inside,
    comes: (name: string, units: number, signal: AbortSignal = never): Promise<void> =>
      semaphore.acquire(units, signal).then((release) => {
        inside.push(name);
        releases.set(name, release);
      }),
    leaves: async (name: string): Promise<void> => {
      releases.get(name)?.();
      await settled();
    },
  };
}

/** Whatever can go on without a further event has gone on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a semaphore", () => {
  it("lets in what fits and makes the rest wait", async () => {
    const semaphore = new Semaphore(3);
    const { inside, comes, leaves } = guests(semaphore);
    for (const name of ["a", "b", "c", "d"]) void comes(name, 1);
    await settled();
    expect([inside, semaphore.used]).toEqual([["a", "b", "c"], 3]);
    await leaves("b");
    expect(inside).toEqual(["a", "b", "c", "d"]);
  });

  it("serves first come, first: a small one does not pass a large one that waits", async () => {
    const { inside, comes, leaves } = guests(new Semaphore(10));
    void comes("a", 6);
    void comes("large", 8);
    void comes("small", 1);
    await settled();
    expect(inside).toEqual(["a"]);
    await leaves("a");
    expect(inside).toEqual(["a", "large", "small"]);
  });

  it("lets in what is larger than its capacity, alone", async () => {
    const { inside, comes, leaves } = guests(new Semaphore(10));
    void comes("small", 1);
    void comes("giant", 50);
    void comes("next", 1);
    await settled();
    expect(inside).toEqual(["small"]);
    await leaves("small");
    expect(inside).toEqual(["small", "giant"]);
    await leaves("giant");
    expect(inside).toEqual(["small", "giant", "next"]);
  });

  it("gives units back once, however often they are given back", async () => {
    const semaphore = new Semaphore(2);
    const release = await semaphore.acquire(1, never);
    await semaphore.acquire(1, never);
    release();
    release();
    expect(semaphore.used).toBe(1);
  });

  it("forgets whoever is cancelled while it waits, and lets in those behind", async () => {
    const { inside, comes } = guests(new Semaphore(10));
    const stop = new AbortController();
    void comes("a", 6);
    const large = comes("large", 8, stop.signal);
    void comes("small", 1);
    await settled();
    const reason = new Error("enough");
    stop.abort(reason);
    await expect(large).rejects.toBe(reason);
    await settled();
    expect(inside).toEqual(["a", "small"]);
    await expect(comes("late", 1, stop.signal)).rejects.toBe(reason);
  });

  it("gives what it can at once, without passing those who wait", async () => {
    const semaphore = new Semaphore(10);
    const release = semaphore.tryAcquire(6);
    expect(semaphore.tryAcquire(6)).toBeNull();
    const waiting = semaphore.acquire(6, never);
    expect(semaphore.tryAcquire(1)).toBeNull();
    release?.();
    (await waiting)();
    expect(semaphore.isIdle).toBe(true);
  });

  it("refuses everybody once it is closed, those who wait as well", async () => {
    const semaphore = new Semaphore(1);
    const release = await semaphore.acquire(1, never);
    const waiting = semaphore.acquire(1, never);
    const reason = new Error("closed");
    semaphore.close(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(semaphore.acquire(1, never)).rejects.toBe(reason);
    release();
    expect(semaphore.isIdle).toBe(true);
  });

  it.each([-1, Number.NaN])("has no units of %d", async (units) => {
    await expect(new Semaphore(1).acquire(units, never)).rejects.toThrow(RangeError);
  });

  it.each(Array.from({ length: 40 }, (_, seed) => [seed + 1]))(
    "is never overfull, keeps the order and loses nothing, whoever comes, leaves or is cancelled when (seed %i)",
    walk,
  );
});

/** Guests come, leave and are cancelled at random, also in the moment in which they are let in. */
async function walk(seed: number): Promise<void> {
  const seeded = new Seeded(seed);
  const below = (limit: number): number => seeded.below(limit);
  const capacity = 1 + below(20);
  const semaphore = new Semaphore(capacity);
  const inside = new Map<number, { units: number; release: Release }>();
  const waiting = new Map<number, AbortController>();
  const wrong: string[] = [];
  let lastIn = -1;
  const check = (name: number): void => {
    if (name <= lastIn) wrong.push(`${name} was let in after ${lastIn}`);
    lastIn = name;
    const units = [...inside.values()].map((guest) => guest.units);
    const sum = units.reduce((all, one) => all + one, 0);
    // Whoever is larger than the capacity is in alone, but for those of no size that came before.
    if (sum > capacity && units.filter((one) => one > 0).length > 1) wrong.push(`${units} of ${capacity}`);
  };
  const come = (name: number): void => {
    const stop = new AbortController();
    const units = below(8) === 0 ? capacity + below(30) : below(capacity + 1);
    void semaphore.acquire(units, stop.signal).then(
      (release) => {
        waiting.delete(name);
        inside.set(name, { units, release });
        check(name);
      },
      (error: unknown) => {
        waiting.delete(name);
        if (error !== stop.signal.reason) wrong.push(String(error));
      },
    );
    waiting.set(name, stop);
  };
  const leave = (): void => {
    const name = [...inside.keys()][below(inside.size)];
    if (name === undefined) return;
    inside.get(name)?.release();
    inside.delete(name);
  };
  const cancel = (): void => {
    const names = [...waiting.keys()];
    waiting.get(names[below(names.length)] ?? -1)?.abort(new Error("enough"));
  };
  for (let name = 0; name < 300; name += 1) {
    come(name);
    if (below(2) === 0) leave();
    if (below(3) === 0) cancel();
    if (below(3) === 0) await settled();
  }
  // Once those inside leave, everybody gets in; nobody does where a unit was lost.
  await settled();
  for (let rounds = 0; inside.size > 0 && rounds < 300; rounds += 1) {
    while (inside.size > 0) leave();
    await settled();
  }
  expect([wrong, waiting.size]).toEqual([[], 0]);
  expect([semaphore.used, semaphore.isIdle]).toEqual([0, true]);
}
