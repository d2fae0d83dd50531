import { describe, expect, it } from "vitest";
import { asMachines } from "./as-machines.ts";
import { type WorkerBeatInput, workerBeatSchema } from "./worker-beat.ts";

const refusal = { build: "b", dataset: "d", code: "toolchain_mismatch" as const, why: "sharp 0.1" };

function aBeat(worker: string, over: Partial<WorkerBeatInput> = {}) {
  const job = { build: "b", step: "mill", label: "p0001", range: worker };
  return workerBeatSchema.parse({
    ...{ worker, host: "box", pid: 7, version: "0.1.0", role: "mill", startedAt: "2026-01-01T00:00:00Z" },
    ...{ memoryBytes: 100, current: [job], refuses: [refusal] },
    limits: { minFreeBytes: 5, maxOutputBytes: 9, maxBytesPerS: 1_000 },
    ...over,
  });
}

describe("processes of one machine", () => {
  it("are told as one worker, by the name of the first, wherever that stands", () => {
    const others = [
      aBeat("box/10/mill", { partOf: "box/9/mill" }),
      aBeat("box/11/mill", { partOf: "box/9/mill" }),
    ];
    const alone = aBeat("elsewhere/9/mill");
    const told = asMachines([...others, aBeat("box/9/mill", { processes: 4, pid: 9 }), alone]);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatchObject({
      ...{ worker: "box/9/mill", pid: 9, partOf: null, processes: 4, alive: 3, memoryBytes: 300 },
      limits: { minFreeBytes: 5, maxOutputBytes: 9, maxBytesPerS: 3_000 },
      refuses: [refusal],
    });
    expect(told[0]?.current.map(({ range }) => range)).toEqual(["box/9/mill", "box/10/mill", "box/11/mill"]);
    expect(told[1]).toEqual(alone);
  });

  it("are told under that name also where the first is lost", () => {
    const told = asMachines([aBeat("box/10/mill", { partOf: "box/9/mill" })]);
    expect(told).toMatchObject([{ worker: "box/9/mill", partOf: null, processes: 1, alive: 1 }]);
  });

  it("have no limit together where one has none", () => {
    const free = aBeat("box/10/mill", { partOf: "box/9/mill", limits: null, memoryBytes: null });
    const [told] = asMachines([aBeat("box/9/mill"), free]);
    expect(told).toMatchObject({ memoryBytes: null, limits: { maxBytesPerS: null } });
  });
});
