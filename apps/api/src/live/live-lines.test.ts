import { expect, it } from "vitest";
import { LiveLines } from "./live-lines.ts";

const line = (label: string | null, attempt: number) => ({
  ...{ at: "2026-01-01T00:00:00.000Z", kind: "retrying", step: "mill", label },
  ...{ range: "0000", worker: "w", attempt, text: "failed and will be tried again", code: null },
});

it("lines of one part do not push out another's, of this dataset or another", () => {
  const lines = new LiveLines();
  lines.add("toy", line("p0001", 1));
  lines.add("other", line("p0001", 9));
  for (let n = 0; n < 5_000; n += 1) lines.add("toy", line("p0002", n));
  lines.add("toy", line(null, 2));
  expect(lines.of("toy", "p0001").map(({ attempt }) => attempt)).toEqual([1]);
  expect(lines.of("other", "p0001").map(({ attempt }) => attempt)).toEqual([9]);
  expect(lines.of("toy", "p0002")).toHaveLength(200);
  expect(lines.of("toy", "p0002").at(-1)?.attempt).toBe(4_999);
});

it("of many parts, those that were heard of last are kept", () => {
  const lines = new LiveLines();
  for (let n = 0; n < 2_000; n += 1) {
    lines.add("toy", line("p0000", n));
    lines.add("toy", line(`p${n + 1}`, n));
  }
  expect(lines.of("toy", "p0000")).toHaveLength(200);
  expect(lines.of("toy", "p1")).toEqual([]);
  expect(lines.of("toy", "p2000")).toHaveLength(1);
});
