import { expect, it } from "vitest";
import { mediaName } from "./media-name.ts";

it.each([
  ["a.mp4", "a.mp4"],
  [7, "7"],
  [7352910847997496619n, "7352910847997496619"],
  ["", null],
  [null, null],
  [undefined, null],
  [true, null],
  [["a.mp4"], null],
  [{ name: "a.mp4" }, null],
])("%s names %s", (value, name) => {
  expect(mediaName(value)).toBe(name);
});
