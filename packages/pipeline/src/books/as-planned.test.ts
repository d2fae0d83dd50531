import type { FileIdentity } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { isAsPlanned } from "./as-planned.ts";

const file = (more: Partial<FileIdentity> = {}): FileIdentity => ({
  path: "a.zip",
  sizeBytes: 10,
  sha256: null,
  oid: "o1",
  ...more,
});
const isSame = (listed: readonly FileIdentity[], planned: readonly FileIdentity[]): boolean =>
  isAsPlanned({ archive: "zip", pieces: [...listed] }, { archive: "zip", pieces: [...planned] });

describe("a listing alone says that files are as they were planned", () => {
  it.each([
    ["a sha256", { sha256: "s1" }],
    ["a git id or etag", {}],
    ["a stamp", { oid: null, stamp: "1" }],
  ])("by %s", (_, told) => {
    expect(isSame([file(told)], [file(told)])).toBe(true);
  });

  it("of several pieces, only where each of them is, in order", () => {
    const [a, b] = [file(), file({ path: "b.zip" })];
    expect(isSame([a, b], [a, b])).toBe(true);
    expect(isSame([b, a], [a, b])).toBe(false);
    expect(isSame([a], [a, b])).toBe(false);
    expect(isSame([a, b], [a])).toBe(false);
    expect(isSame([], [])).toBe(true);
  });
});

describe("it does not", () => {
  it.each([
    ["of another path", file({ path: "b.zip" }), file()],
    ["of another size", file({ sizeBytes: 11 }), file()],
    ["of another sha256, whatever the git id", file({ sha256: "s1" }), file({ sha256: "s2" })],
    ["of a sha256 that was not known", file({ sha256: "s1" }), file()],
    ["of a sha256 where what was known is a git id that reads the same", file({ sha256: "o1" }), file()],
    ["of another git id", file({ oid: "o2" }), file()],
    ["of another stamp", file({ oid: null, stamp: "1" }), file({ oid: null, stamp: "2" })],
    ["where nothing tells of the content", file({ oid: null }), file({ oid: null })],
    ["where the stamp cannot be trusted", file({ oid: null, stamp: null }), file({ oid: null, stamp: null })],
  ])("%s", (_, listed, planned) => {
    expect(isSame([listed], [planned])).toBe(false);
  });

  it("of files that are read as another kind of archive", () => {
    const pieces = [file()];
    expect(isAsPlanned({ archive: "tar", pieces }, { archive: "zip", pieces })).toBe(false);
  });
});
