import { describe, expect, it } from "vitest";
import { contentId, piecesBytes } from "./part.ts";

const piece = (more: { sizeBytes?: number; sha256?: string | null; oid?: string | null } = {}) => ({
  path: "a.zip",
  sizeBytes: 10,
  sha256: null,
  oid: null,
  ...more,
});

describe("the identity of a part's content", () => {
  const base = contentId([piece({ sha256: "s1" }), piece({ sha256: "s2" })], null);

  it.each([
    ["another size", [piece({ sha256: "s1", sizeBytes: 11 }), piece({ sha256: "s2" })]],
    ["another hash", [piece({ sha256: "s1" }), piece({ sha256: "s3" })]],
    ["another order", [piece({ sha256: "s2" }), piece({ sha256: "s1" })]],
    ["a piece more", [piece({ sha256: "s1" }), piece({ sha256: "s2" }), piece({ sha256: "s2" })]],
    ["a git id in place of a hash", [piece({ oid: "s1" }), piece({ sha256: "s2" })]],
  ])("is another one for %s", (_, pieces) => {
    expect(contentId(pieces, null)).not.toBe(base);
  });

  it("does not know where the pieces lie", () => {
    const moved = [piece({ sha256: "s1" }), piece({ sha256: "s2" })].map((one) => ({ ...one, path: "b/c" }));
    expect(contentId(moved, null)).toBe(base);
  });

  it("goes by sha256 where there is one, whatever the git id says", () => {
    expect(contentId([piece({ sha256: "s1", oid: "o1" })], null)).toBe(
      contentId([piece({ sha256: "s1", oid: "o2" })], null),
    );
  });

  it("takes the archive's directory only where a piece tells nothing of its content", () => {
    const told = [piece({ sha256: "s1" }), piece({ oid: "o1" })];
    expect(contentId(told, "d1")).toBe(contentId(told, "d2"));
    const silent = [piece({ sha256: "s1" }), piece()];
    expect(contentId(silent, "d1")).not.toBe(contentId(silent, "d2"));
    expect(contentId(silent, "d1")).not.toBe(contentId(silent, null));
  });
});

it("a part is as large as its pieces", () => {
  expect(piecesBytes([])).toBe(0);
  expect(piecesBytes([piece(), piece({ sizeBytes: 5 })])).toBe(15);
});
