import { expect, it } from "vitest";
import { EventBuffer } from "./event-buffer.ts";

const look = (jobs: number) => ({
  kind: "look" as const,
  progress: [],
  jobs: {
    waiting: Array.from({ length: jobs }, () => ({
      id: "",
      build: "b",
      run: 1,
      what: "part" as const,
      label: null,
      range: null,
    })),
    active: [],
    delayed: [],
    parked: [],
    completed: [],
    failed: [],
  },
});

async function readAll(buffer: EventBuffer): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const event of buffer) seen.push(event);
  return seen;
}

it("gives a slow reader the newest look only, and a thousand other events at most", async () => {
  const buffer = new EventBuffer();
  for (let parts = 0; parts < 3_000; parts += 1) {
    buffer.push(look(1));
    buffer.push({ kind: "at-work", parts });
  }
  buffer.push(look(2));
  buffer.close();
  const seen = await readAll(buffer);
  expect(seen.length).toBe(1_000);
  expect(seen.at(-1)).toEqual(look(2));
  expect(seen[0]).toEqual({ kind: "at-work", parts: 2_001 });
});

it("wakes a reader who waits, and ends with the last event", async () => {
  const buffer = new EventBuffer();
  const reading = readAll(buffer);
  await Promise.resolve();
  buffer.push({ kind: "stopping" });
  await Promise.resolve();
  buffer.close();
  buffer.push({ kind: "stopping" });
  expect(await reading).toEqual([{ kind: "stopping" }]);
});
