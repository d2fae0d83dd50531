import type { PlannedMember } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { aLeftOutLine, aRange } from "../../../core/testing/records.ts";
import { Seeded } from "../../../core/testing/seeded.ts";
import { cutMembers, dropOpenEnd } from "./cut-members.ts";
import { leftOutMember } from "./left-out-member.ts";
import { digestOf } from "./range-digest.ts";

/** A letter for each member, in archive order: w becomes a sample, a archive left out, j judged out. */
function membersOf(text: string): PlannedMember[] {
  return [...text].map((letter, position) =>
    letter === "w"
      ? { position, name: `${position}.png`, at: {}, records: [] }
      : leftOutMember(aLeftOutLine({ position }), letter === "a" ? "archive" : "judge", false),
  );
}

function cut(text: string, samplesPerShard: number): string[] {
  return cutMembers(membersOf(text), samplesPerShard).map((range) =>
    range.map(({ position }) => text[position]).join(""),
  );
}

describe("a stream's members that have been seen", () => {
  it.each([
    ["wwww", 2, ["ww", "ww"]],
    ["wwwww", 2, ["ww", "ww", "w"]],
    ["www", 3, ["www"]],
    ["jwajwjaw", 2, ["jwajwja", "w"]],
    ["wwaj", 2, ["wwaj"]],
    ["aaa", 1, ["aaa"]],
    ["", 5, [""]],
    ["wjw", 1, ["wj", "w"]],
  ])("%s with %i samples to a shard", (text, samplesPerShard, ranges) => {
    expect(cut(text, samplesPerShard)).toEqual(ranges);
  });

  it("are all in one range, in order, and every range but the last has its full number of samples", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const seeded = new Seeded(seed);
      const text = Array.from({ length: seeded.below(40) }, () => seeded.pick(["w", "w", "a", "j"])).join("");
      const samplesPerShard = 1 + seeded.below(5);
      const ranges = cut(text, samplesPerShard);
      const works = ranges.map((range) => [...range].filter((letter) => letter === "w").length);
      expect(ranges.join(""), `seed ${seed}`).toBe(text);
      for (const count of works.slice(0, -1)) expect(count, `seed ${seed}`).toBe(samplesPerShard);
      // What is left out behind a sample lies in that sample's range: a range but the first begins with one.
      for (const range of ranges.slice(1)) expect(range[0], `seed ${seed}`).toBe("w");
    }
  });
});

describe("of a stream that was not seen to its end, the last range", () => {
  const ranges = () => cutMembers(membersOf("wwww"), 2);

  it("stays where it was committed with these members", () => {
    const cutNow = ranges();
    dropOpenEnd(cutNow, [aRange(), aRange({ range: 1, digest: digestOf(membersOf("wwww").slice(2)) })]);
    expect(cutNow).toEqual(ranges());
  });

  it.each([
    ["was never committed", [aRange()]],
    ["had other members", [aRange(), aRange({ range: 1, digest: digestOf(membersOf("w")) })]],
  ])("is left to be seen again where it %s", (_, before) => {
    const cutNow = ranges();
    dropOpenEnd(cutNow, before);
    expect(cutNow).toEqual(ranges().slice(0, 1));
  });
});
