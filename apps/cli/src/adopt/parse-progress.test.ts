import { describe, expect, it } from "vitest";
import { parseProgress } from "./parse-progress.ts";

describe("a progress file of parts built elsewhere", () => {
  it.each([
    ["[0, 1, 2, 5]", [0, 1, 2, 5]],
    ['{"completed": ["OpenVid_part0.zip", "p0007", "12"], "failed": [3]}', [0, 7, 12]],
    [
      '{"parts": {"0": "done", "1": "failed", "2": {"status": "completed"}, "3": true, "4": "running"}}',
      [0, 2, 3],
    ],
  ])("%s", (text, done) => {
    expect(parseProgress(text, "progress.json").done).toEqual(done);
  });

  it("says what it understood", () => {
    expect(
      parseProgress(
        '{"parts": {"0": "done", "1": "done", "2": "done", "9": "done", "4": "failed"}}',
        "p.json",
      ).remark,
    ).toBe("p.json: parts names 4 parts as done: 0-2, 9; 1 not done");
  });

  it.each([["no JSON"], ["{}"], ['["first"]'], ["[-1]"], ['{"completed": 3}']])(
    "refuses %s as wrong use",
    (text) => {
      expect(() => parseProgress(text, "p.json")).toThrowError(
        expect.objectContaining({ code: "wrong_use" }),
      );
    },
  );
});
