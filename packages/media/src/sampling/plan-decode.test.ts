import { describe, expect, it } from "vitest";
import type { AccessUnit } from "./access-unit.ts";
import type { PacketTable, TablePacket } from "./packet-table.ts";
import { planDecode } from "./plan-decode.ts";
import { shownFrames } from "./shown-frames.ts";

/**
 * A stream in decode order, a word for each packet: its kind, then its time.
 * I: clean start; C: cra; P: reference; b: disposable; r: rasl, R: rasl that others need; D: before an edit list's start.
 */
function table(text: string, more: Partial<PacketTable> = {}): PacketTable {
  return {
    codec: "h264",
    timeBase: { num: 1, den: 25 },
    startTicks: 0,
    packets: text.split(" ").map(packet),
    codecFrameTicks: 0,
    hasTimestamps: true,
    declaredEndTicks: null,
    ...more,
  };
}

const roles: Record<string, AccessUnit["role"]> = { I: "idr", C: "cra", r: "rasl", R: "rasl" };

function packet(word: string): TablePacket {
  const kind = word[0] ?? "";
  const pts = word.length > 1 ? Number(word.slice(1)) : null;
  return {
    pts,
    dts: null,
    duration: 1,
    key: "IC".includes(kind),
    discard: kind === "D",
    sizeBytes: 1,
    bringsParameters: false,
    unit: {
      role: roles[kind] ?? "picture",
      disposable: "br".includes(kind),
      temporalId: 0,
      hasParameterSets: false,
      isBidirectional: "br".includes(kind),
    },
  };
}

const wanting = (...indexes: number[]) => new Set(indexes);
const runs = (source: PacketTable, ...wanted: number[]) => {
  const plan = planDecode(source, wanting(...wanted));
  return plan.kind === "runs" ? plan.runs : plan.why;
};

describe("planDecode", () => {
  it("leaves out disposable pictures and the tail after the last wanted one", () => {
    expect(runs(table("I0 P4 P2 b1 b3 P8 P6 b5 b7 P12"), 4)).toEqual([[0, 1, 2, 4]]);
  });

  it("skips whole groups, and begins anew after them", () => {
    expect(runs(table("I0 P1 I2 P3 I4 P5 P6"), 1, 5)).toEqual([
      [0, 1],
      [4, 5],
    ]);
  });

  it("always decodes the first picture: it may bring what others rely on", () => {
    expect(runs(table("I0 P1 I2 P3"), 3)).toEqual([[0], [2, 3]]);
  });

  it("leaves out leading pictures of an open group that reach back, unless one is wanted", () => {
    const open = table("C0 P3 b1 b2 C6 R5 r4 P9 b7 b8", { codec: "hevc" });
    expect(runs(open, 7)).toEqual([[0], [4, 7]]);
    // r4 needs the whole group before, R5 included.
    expect(runs(open, 6)).toEqual([[0, 1, 4, 5, 6]]);
  });

  it("keeps a disposable picture of a lower temporal layer, for a higher one may need it", () => {
    const layered = table("I0 b2 b1", { codec: "hevc" });
    const packets = layered.packets.map((one, index) => ({
      ...one,
      unit: one.unit === null ? null : { ...one.unit, temporalId: index === 2 ? 1 : 0 },
    }));
    expect(runs({ ...layered, packets }, 2)).toEqual([[0, 1, 2]]);
  });

  it("decodes everything where the plan would not be safe", () => {
    expect(runs(table("P0 P1 I2"), 1)).toMatch(/clean start/);
    expect(runs(table("I0 P P2"), 2)).toMatch(/no time/);
    expect(runs(table("I0 P1", { codec: "vp9" }), 1)).toMatch(/only H.264/);
    const unknown = table("I0 P1");
    expect(runs({ ...unknown, packets: unknown.packets.map((one) => ({ ...one, unit: null })) }, 1)).toMatch(
      /clean start/,
    );
  });

  it("decodes everything where parameter sets change inside a group", () => {
    const changing = table("I0 P1 P2");
    const packets = changing.packets.map((one, index) => ({
      ...one,
      unit: one.unit === null ? null : { ...one.unit, hasParameterSets: index === 1 },
    }));
    expect(runs({ ...changing, packets }, 2)).toMatch(/parameter sets/);
  });

  it("decodes everything where parameter sets change beside the packets' bytes", () => {
    const changing = table("I0 P1 I2 P3");
    const packets = changing.packets.map((one, index) => ({ ...one, bringsParameters: index === 2 }));
    expect(runs({ ...changing, packets }, 3)).toMatch(/parameter sets/);
  });

  it("decodes everything where a later packet is no whole picture", () => {
    const split = table("I0 P1 I2 P3");
    const packets = split.packets.map((one, index) => (index === 3 ? { ...one, unit: null } : one));
    expect(runs({ ...split, packets }, 1)).toMatch(/not one whole picture/);
  });

  it("decodes everything where only some groups bring the parameter sets that they use", () => {
    const bringing = (...starts: readonly number[]) => {
      const source = table("I0 P1 I2 P3 I4 P5");
      const packets = source.packets.map((one, index) => ({
        ...one,
        unit: one.unit === null ? null : { ...one.unit, hasParameterSets: starts.includes(index) },
      }));
      return runs({ ...source, packets }, 5);
    };
    expect(bringing(0, 2)).toMatch(/some groups bring parameter sets and some do not/);
    expect(bringing(0, 2, 4)).toEqual([[0], [4, 5]]);
    expect(bringing(0)).toEqual([[0], [4, 5]]);
  });

  it("goes on in one run from a group that is needed whole, and begins another behind a gap", () => {
    const open = table("C0 P1 C2 r1 P3 C4 P5 C6 P7", { codec: "hevc" });
    expect(runs(open, 3)).toEqual([[0, 1, 2, 3]]);
    expect(runs(open, 3, 8)).toEqual([
      [0, 1, 2, 3],
      [7, 8],
    ]);
  });

  it("costs the first picture where nothing is wanted", () => {
    expect(runs(table("I0 P1 I2"))).toEqual([[0]]);
  });

  it("feeds pictures that an edit list hides when others are predicted from them", () => {
    expect(runs(table("I0 D1 D2 P3"), 3)).toEqual([[0, 1, 2, 3]]);
  });

  it("costs one packet for a clip of one frame", () => {
    expect(runs(table("I0"), 0)).toEqual([[0]]);
  });
});

describe("shownFrames", () => {
  it("gives frames in order of time from the clip's start, negative times included", () => {
    const frames = shownFrames(table("I10 P14 P12 b11 b13", { startTicks: 11 }));
    expect(frames?.map((frame) => [frame.ticks, frame.index])).toEqual([
      [-1, 0],
      [0, 3],
      [1, 2],
      [2, 4],
      [3, 1],
    ]);
  });

  it("does not show what an edit list hides", () => {
    expect(shownFrames(table("D0 D1 P2"))).toBeNull();
    expect(shownFrames(table("I0 D1 P2"))?.map((frame) => frame.index)).toEqual([0, 2]);
  });

  it("does not show leading pictures of an opening cra, but those of later ones", () => {
    const open = table("C2 r0 r1 P3 C6 r4 r5", { codec: "hevc" });
    expect(shownFrames(open)?.map((frame) => frame.index)).toEqual([0, 3, 5, 6, 4]);
  });

  it("shows nothing for a packet that holds nothing", () => {
    const source = table("I0 P1 P2");
    const packets = source.packets.map((one, index) => ({ ...one, sizeBytes: index === 1 ? 0 : 1 }));
    expect(shownFrames({ ...source, packets })?.map((frame) => frame.index)).toEqual([0, 2]);
  });

  it("gives no answer where the clock steps back, two takes overlap or B-frames have no order of their own", () => {
    const decodedAt = (text: string, ...times: number[]) => {
      const source = table(text);
      return { ...source, packets: source.packets.map((one, index) => ({ ...one, dts: times[index] ?? 0 })) };
    };
    expect(shownFrames(decodedAt("I0 P1 I20 P21", 0, 1, 20, 21))).not.toBeNull();
    expect(shownFrames(decodedAt("I20 P21 I0 P1", 20, 21, 0, 1))).toBeNull();
    expect(shownFrames(decodedAt("I0 P9 I5 P6", 0, 1, 2, 3))).toBeNull();
    expect(shownFrames(decodedAt("I0 P1 b2 P3", 0, 1, 2, 3))).toBeNull();
    expect(shownFrames(decodedAt("I0 P2 b1 P3", 0, 1, 2, 3))).not.toBeNull();
    expect(shownFrames(table("I0 P1", { hasTimestamps: false }))).toBeNull();
  });

  it("gives no answer where only the decoder knows: no times, equal times, no clean start", () => {
    expect(shownFrames(table("I0 P P2"))).toBeNull();
    expect(shownFrames(table("I0 P1 P1"))).toBeNull();
    expect(shownFrames(table("P0 I1"))).toBeNull();
  });
});
