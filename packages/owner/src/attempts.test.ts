import { expect, it } from "vitest";
import { attemptsOf } from "./attempts.ts";
import type { LogLine } from "./log-line.ts";

const line = (minute: number, kind: string, more: Partial<LogLine> = {}): LogLine => ({
  at: `2026-11-27T10:${String(minute).padStart(2, "0")}:00.000Z`,
  kind,
  step: "mill",
  label: "p0001",
  range: "0000",
  worker: "a/mill",
  attempt: 1,
  text: kind,
  code: null,
  ...more,
});
const brief = (lines: readonly LogLine[]) =>
  attemptsOf(lines).map(({ worker, attempt, beganAt, endedAt, result, code }) => [
    worker,
    attempt,
    beganAt?.slice(14, 16) ?? null,
    endedAt?.slice(14, 16) ?? null,
    result,
    code,
  ]);

it("each try has its worker, its times and what it ended with", () => {
  const second = { worker: "b/mill", attempt: 2 };
  expect(
    brief([
      line(1, "started"),
      line(2, "started", { range: "0001", worker: "b/mill" }),
      line(3, "retrying", { code: "source_unreachable" }),
      line(4, "completed", { range: "0001", worker: "b/mill" }),
      line(5, "started", second),
      line(6, "note", second),
      line(7, "failed", { ...second, code: "output_io" }),
    ]),
  ).toEqual([
    ["a/mill", 1, "01", "03", "retrying", "source_unreachable"],
    ["b/mill", 1, "02", "04", "completed", null],
    ["b/mill", 2, "05", "07", "failed", "output_io"],
  ]);
});

it("a worker that was lost leaves a try without an end, also where the same job begins again", () => {
  expect(brief([line(1, "started"), line(5, "started", { worker: "b/mill" })])).toEqual([
    ["a/mill", 1, "01", null, null, null],
    ["b/mill", 1, "05", null, null, null],
  ]);
  expect(brief([line(1, "started"), line(5, "started"), line(6, "completed")])).toEqual([
    ["a/mill", 1, "01", null, null, null],
    ["a/mill", 1, "05", "06", "completed", null],
  ]);
});

it("an end whose beginning has left the log is told without one", () => {
  expect(brief([line(6, "completed"), line(7, "handed_back", { step: null })])).toEqual([
    ["a/mill", 1, null, "06", "completed", null],
  ]);
});
