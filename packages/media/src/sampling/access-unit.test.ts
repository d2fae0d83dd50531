import { describe, expect, it } from "vitest";
import { accessUnit, nalLayout } from "./access-unit.ts";

const startCodes = { kind: "startCodes" } as const;
const four = { kind: "lengths", bytes: 4 } as const;
const annexB = (...units: number[][]) => Buffer.from(units.flatMap((unit) => [0, 0, 0, 1, ...unit]));
const withLengths = (...units: number[][]) =>
  Buffer.from(units.flatMap((unit) => [0, 0, 0, unit.length, ...unit]));

describe("accessUnit", () => {
  it("tells an H.264 IDR from a reference and from a picture that nobody needs", () => {
    expect(accessUnit("h264", withLengths([0x65, 1]), four)).toMatchObject({
      role: "idr",
      disposable: false,
    });
    expect(accessUnit("h264", withLengths([0x41, 1]), four)).toMatchObject({
      role: "picture",
      disposable: false,
    });
    expect(accessUnit("h264", withLengths([0x01, 1], [0x01, 2]), four)).toMatchObject({ disposable: true });
  });

  it("needs every slice of an H.264 picture to be disposable", () => {
    expect(accessUnit("h264", annexB([0x01, 1], [0x41, 1]), startCodes)).toMatchObject({ disposable: false });
  });

  it("sees parameter sets before the picture", () => {
    expect(accessUnit("h264", annexB([0x67, 1], [0x68, 1], [0x65, 1]), startCodes)).toMatchObject({
      role: "idr",
      hasParameterSets: true,
    });
  });

  it("tells HEVC starts, leading pictures and temporal layers apart", () => {
    const hevc = (type: number, layer = 1) => accessUnit("hevc", annexB([type << 1, layer, 0]), startCodes);
    expect(hevc(19)).toMatchObject({ role: "idr" });
    expect(hevc(21)).toMatchObject({ role: "cra", disposable: false });
    expect(hevc(8)).toMatchObject({ role: "rasl", disposable: true });
    expect(hevc(9)).toMatchObject({ role: "rasl", disposable: false });
    expect(hevc(0, 3)).toMatchObject({ role: "picture", disposable: true, temporalId: 2 });
    expect(hevc(1)).toMatchObject({ role: "picture", disposable: false });
  });

  it("does not answer for a packet without a picture, or with lengths that lead outside", () => {
    expect(accessUnit("h264", annexB([0x09, 1]), startCodes)).toBeNull();
    expect(accessUnit("h264", Buffer.from([0, 0, 0, 200, 0x65, 1]), four)).toBeNull();
  });
});

describe("nalLayout", () => {
  it("reads the length of lengths from avcC and hvcC, and takes anything else for start codes", () => {
    expect(nalLayout("h264", Uint8Array.of(1, 66, 0, 30, 0xff))).toEqual(four);
    const hvcC = new Uint8Array(23);
    hvcC[0] = 1;
    hvcC[21] = 1;
    expect(nalLayout("hevc", hvcC)).toEqual({ kind: "lengths", bytes: 2 });
    expect(nalLayout("h264", Uint8Array.of(0, 0, 0, 1, 0x67))).toEqual(startCodes);
    expect(nalLayout("h264", null)).toEqual(startCodes);
  });
});
