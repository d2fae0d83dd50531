import { describe, expect, it } from "vitest";
import { datasetWith, file, told } from "../testing/listings.ts";
import { discoverParts } from "./index.ts";

describe("pieces", () => {
  const rule = { archive: "zip", path: "x{part}.zip", pieces: "x{part}_{piece}" };
  const letters = (n: number): string => String.fromCharCode(97 + Math.floor(n / 26), 97 + (n % 26));

  it("run from aa over az to ba", () => {
    const files = Array.from({ length: 30 }, (_, n) => file(`x1_${letters(n)}`)).reverse();
    const [part] = discoverParts(datasetWith([rule]), files).parts;
    expect(part?.kind === "present" && part.pieces.map(({ path }) => path)).toEqual(
      Array.from({ length: 30 }, (_, n) => `x1_${letters(n)}`),
    );
  });

  it("with a gap are refused, and a lone later one is no part where no number is expected", () => {
    const { parts, remarks } = discoverParts(datasetWith([rule]), [
      ...[file("x1_aa"), file("x1_ac"), file("x2_ab"), file("x10.zip"), file("x9.zip")],
    ]);
    expect(parts.map(told)).toEqual(["p0001: pieces_incomplete", "p0009: x9.zip", "p0010: x10.zip"]);
    expect(remarks).toEqual([
      "part p0001: piece ab is missing, so x1_aa, x1_ac is no part",
      "part p0002: piece aa is missing, so x2_ab is no part",
    ]);
  });
});

describe("pieces by number", () => {
  const rule = { archive: "zip", path: "x{part}.zip", pieces: "x{part}.zip.{piece}" };
  const found = (...names: string[]) =>
    discoverParts(
      datasetWith([rule]),
      names.map((name) => file(name)),
    );

  it.each([
    [["x1.zip.001", "x1.zip.002"]],
    [["x1.zip.000", "x1.zip.001", "x1.zip.002"]],
    [["x1.zip.0"]],
    [Array.from({ length: 12 }, (_, n) => `x1.zip.${n + 1}`)],
    [Array.from({ length: 1200 }, (_, n) => `x1.zip.${String(n + 1).padStart(3, "0")}`)],
  ])("run from 0 or 1, in the order of their numbers: %#", (names) => {
    const { parts, remarks } = found(...names.toReversed());
    expect(parts[0]?.kind === "present" && parts[0].pieces.map(({ path }) => path)).toEqual(names);
    expect(remarks).toEqual([]);
  });

  it("with part in front of the number are pieces too", () => {
    const parted = { archive: "tar", path: "x{part}.tar", pieces: "x{part}.tar.part{piece}" };
    const files = [
      file("x0.tar.part10"),
      ...Array.from({ length: 9 }, (_, n) => file(`x0.tar.part${n + 1}`)),
    ];
    const [part] = discoverParts(datasetWith([parted]), files).parts;
    expect(part?.kind === "present" && part.pieces.at(-1)?.path).toBe("x0.tar.part10");
  });

  it.each([
    [["x1.zip.001", "x1.zip.003"], "piece 002 is missing"],
    [["x1.zip.9", "x1.zip.10", "x1.zip.1"], "piece 2 is missing"],
    [["x1.zip.01", "x1.zip.1", "x1.zip.02"], "piece 1 is there twice"],
    [["x1.zip.001", "x1.zip.ab"], "pieces named by letters lie beside pieces named by numbers"],
  ])("that are no whole file are refused: %s", (names, reason) => {
    const { parts } = found(...names);
    expect(parts).toMatchObject([
      { kind: "absent", code: "pieces_incomplete", reason: expect.stringContaining(reason) },
    ]);
  });

  it("that no rule speaks of are told, with the rule that would join them", () => {
    const files = ["v_0.zip.001", "v_0.zip.002", "b/w.z01", "a/b.tar.partaa"].map((name) => file(name));
    const { parts, remarks } = discoverParts(datasetWith([{ archive: "zip", path: "v_{part}.zip" }]), files);
    expect(parts).toEqual([]);
    expect(remarks).toEqual([
      "a/b.tar.partaa is a piece of a split archive that no rule of the catalogue speaks of; a rule with pieces: a/b.tar.part{piece} would join them",
      "b/w.z01 is a volume of a split archive that no rule of the catalogue speaks of; join the volumes first (zip -s 0, or unpack with 7z)",
      "the top folder holds 2 pieces of split archives that no rule of the catalogue speaks of, such as v_0.zip.001; a rule with pieces: v_{part}.zip.{piece} would join them",
    ]);
  });
});
