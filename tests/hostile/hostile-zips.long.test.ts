import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { captionedEntry } from "./captioned-entry.ts";
import { HostileHouse } from "./hostile-house.ts";
import { type LyingEntry, lyingZip } from "./lying-zip.ts";

/** Zips that mean harm by their shape; those that mean harm by a member are in hostile-parts.long.test.ts. */

const dataset = "hostile-zips";
const entry = captionedEntry("video", '[{ archive: zip, path: "clips_{part}.zip" }]');
const hundredThousand = 100_000;
const nameOf = (index: number) => `empty_${index}.mp4`;

let house: HostileHouse;

beforeAll(async () => {
  house = await HostileHouse.open();
  const [clip = Buffer.of()] = await makeClips(1);
  const good: LyingEntry = { name: "good.mp4", bytes: clip };
  const empties = Array.from({ length: hundredThousand }, (_, index) => ({
    name: nameOf(index),
    bytes: Buffer.alloc(0),
  }));
  const shapes: LyingEntry[] = [
    { name: "case.mp4", bytes: clip },
    { name: "CASE.mp4", bytes: clip },
    { name: "twice.mp4", bytes: clip },
    { name: "twice.mp4", bytes: clip },
    { name: "local-size.mp4", bytes: clip, localSize: clip.length - 100 },
    { name: "overlapped.mp4", bytes: clip },
    { name: "overlapping.mp4", bytes: clip, offsetShift: -200 },
    good,
  ];
  const names = [...shapes.map(({ name }) => name), ...empties.slice(0, 1000).map(({ name }) => name)];
  const captions = [...new Set(names)].map(
    (file) => `${JSON.stringify({ file, text: `A clip, ${file}.` })}\n`,
  );
  const files = new Map([
    ["clips_1.zip", lyingZip([...empties, good])],
    ["clips_2.zip", lyingZip(shapes)],
    ["captions.jsonl", Buffer.from(captions.join(""))],
  ]);
  await house.build(dataset, entry, files);
});

afterAll(() => house.close());

describe("a build of hostile zips", () => {
  it("accounts for 100,000 empty members, one by one, and packs the one that is not", () => {
    const fates = house.fates(dataset, "p0001");
    expect(Object.keys(fates).length).toBe(hundredThousand + 1);
    const empty = Object.values(fates).filter((fate) => fate === "empty_member");
    expect(empty.length).toBe(hundredThousand);
    expect(fates["good.mp4"]).toBe("packed");
  });

  it("gives members that overlap, contradict themselves or share a name their codes", () => {
    expect(house.ended.code, house.ended.stderr).toBe(1);
    const lines = house.lines(dataset, "p0002").map(({ member, code }) => [member, code ?? "packed"]);
    expect(lines).toEqual([
      ["case.mp4", "packed"],
      ["CASE.mp4", "packed"],
      ["twice.mp4", "packed"],
      ["twice.mp4", "duplicate_name"],
      ["local-size.mp4", "member_malformed"],
      ["overlapped.mp4", "member_malformed"],
      ["overlapping.mp4", "member_malformed"],
      ["good.mp4", "packed"],
    ]);
  });

  it("balances its books, writes nothing outside, opens nothing and calls nobody", () =>
    house.expectSound(dataset));
});
