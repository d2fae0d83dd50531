import { describe, expect, it } from "vitest";
import { isNamedAs, type MediaFile } from "./media-files.ts";

describe("a file's name", () => {
  it.each<[string, MediaFile[]]>([
    ["a/b.mp4", ["video"]],
    ["B.M2TS", ["video"]],
    ["a.b.JPEG", ["picture", "frame"]],
    ["folder\\x.png", ["picture", "frame"]],
    ["x.bmp", ["picture"]],
    ["x.gif", ["video", "picture"]],
    ["._x.mp4", []],
    ["x.mp4.txt", []],
    ["x.constructor", []],
    ["x", []],
    ["x.", []],
    ["clips/ts", []],
    ["mp4", []],
  ])("%s says what it may be", (name, files) => {
    const all: MediaFile[] = ["video", "picture", "frame"];
    expect(all.filter((file) => isNamedAs(name, file))).toEqual(files);
  });
});
