import { describe, expect, it } from "vitest";
import { Newest, type Timers } from "./newest.ts";

/** A clock that stands until it is moved. */
class HandClock implements Timers {
  #now = 0;
  #calls: { at: number; call: () => void }[] = [];
  readonly now = (): number => this.#now;
  readonly after = (ms: number, call: () => void): (() => void) => {
    const one = { at: this.#now + ms, call };
    this.#calls.push(one);
    return () => {
      this.#calls = this.#calls.filter((other) => other !== one);
    };
  };
  async move(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settled();
      const due = this.#calls.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#calls = this.#calls.filter((one) => one !== due);
      this.#now = due.at;
      due.call();
    }
    this.#now = until;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

/** Answers take `lineMs`; each is the time at which it was asked for. */
function over(lineMs: number) {
  const clock = new HandClock();
  const heard: number[] = [];
  const refused: unknown[] = [];
  const seen = { asked: 0, most: 0 };
  let open = 0;
  const newest = new Newest<number>(
    {
      ask: (signal) =>
        new Promise((resolve, reject) => {
          const at = clock.now();
          seen.asked += 1;
          open += 1;
          seen.most = Math.max(seen.most, open);
          const end = (how: () => void): void => {
            open -= 1;
            how();
          };
          const takeBack = clock.after(lineMs, () => end(() => resolve(at)));
          signal.addEventListener("abort", () => {
            takeBack();
            end(() => reject(new Error("given up")));
          });
        }),
      heard: (at) => heard.push(at),
      refused: (error) => refused.push(error),
      restMs: 1_000,
      limitMs: 30_000,
    },
    clock,
  );
  return { clock, newest, heard, refused, seen };
}

describe("Newest", () => {
  it("hands on every answer of a slow line, however many events come meanwhile", async () => {
    const { clock, newest, heard, seen } = over(3_000);
    for (let n = 0; n < 600; n += 1) {
      newest.want();
      await clock.move(50);
    }
    expect(seen.most).toBe(1);
    expect(heard.length).toBeGreaterThanOrEqual(9);
    expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  });

  it("asks once more for whatever was wanted while it asked, and then rests", async () => {
    const { clock, newest, heard, seen } = over(100);
    newest.want();
    newest.want();
    await clock.move(50);
    newest.want();
    await clock.move(10_000);
    expect(heard).toEqual([0, 1_000]);
    expect(seen.asked).toBe(2);
  });

  it("gives up a question that nobody answers, and asks the next", async () => {
    const { clock, newest, heard, refused } = over(1_000_000);
    newest.want();
    await clock.move(10);
    newest.want();
    await clock.move(40_000);
    expect(refused).toHaveLength(1);
    expect(heard).toEqual([]);
    await clock.move(30_000);
    expect(refused).toHaveLength(2);
  });

  it("is silent once it was stopped", async () => {
    const { clock, newest, heard, refused, seen } = over(100);
    newest.want();
    newest.stop();
    newest.want();
    await clock.move(10_000);
    expect([heard, refused, seen.asked]).toEqual([[], [], 1]);
  });
});
