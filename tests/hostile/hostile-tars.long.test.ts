import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { captionedEntry } from "./captioned-entry.ts";
import { HostileHouse } from "./hostile-house.ts";
import { pax, type RawEntry, rawTar } from "./raw-tar.ts";

/** Tars that mean harm, read by their headers' places (a local file) and as a stream (tar.gz). */

const dataset = "hostile-tars";
const entry = captionedEntry(
  "video",
  '[{ archive: tar, path: "clips_{part}.tar" }, { archive: tar.gz, path: "stream_{part}.tar.gz" }]',
);
const gibibyte = 1024 ** 3;

let house: HostileHouse;

beforeAll(async () => {
  house = await HostileHouse.open();
  const [clip = Buffer.of()] = await makeClips(1);
  const members = rawTar(hostileEntries(clip, house.canaries.path));
  const bomb: RawEntry = { name: "bomb.mp4", data: Buffer.alloc(gibibyte / 4) };
  const after: RawEntry = { name: "after.mp4", data: clip };
  const tenGigabytes: RawEntry = { name: "ten.mp4", data: clip.subarray(0, 1024), statedSize: 10 * gibibyte };
  const paxTenGigabytes = [
    pax({ size: String(10 * gibibyte) }),
    { name: "ten.mp4", data: clip.subarray(0, 1024) },
  ];
  const endless = rawTar([{ name: "long", type: "x", data: Buffer.from("x"), statedSize: 10 * gibibyte }]);
  const files = new Map([
    ["clips_1.tar", members],
    ["clips_2.tar", rawTar([after, tenGigabytes], 0)],
    ["clips_3.tar", rawTar([after, ...paxTenGigabytes], 0)],
    ["clips_4.tar", endless],
    ["stream_11.tar.gz", gzipSync(members)],
    ["stream_12.tar.gz", gzipSync(rawTar([{ name: "good.mp4", data: clip }, bomb, after]))],
    ["stream_13.tar.gz", gzipSync(rawTar([after, tenGigabytes], 0))],
    ["stream_14.tar.gz", gzipSync(gzipSync(rawTar([after])))],
    // Nothing but zeros, and a lot of them, after the end.
    ["stream_15.tar.gz", gzipSync(Buffer.concat([rawTar([after]), Buffer.alloc(gibibyte / 4)]))],
    ["captions.jsonl", captions()],
  ]);
  await house.build(dataset, entry, files);
});

afterAll(() => house.close());

const fates: Readonly<Record<string, string>> = {
  "good.mp4": "packed",
  "sparse.mp4": "member_type_unsupported",
  "pax-sparse.mp4": "member_type_unsupported",
  "symbolic.mp4": "member_type_unsupported",
  "hard.mp4": "member_type_unsupported",
  "character.mp4": "member_type_unsupported",
  "block.mp4": "member_type_unsupported",
  "pipe.mp4": "member_type_unsupported",
  "volume.mp4": "member_type_unsupported",
  "/tmp/absolute.mp4": "unsafe_name",
  "../../climbs.mp4": "unsafe_name",
  "../../pax-climbs.mp4": "unsafe_name",
  "/etc/pax-absolute.mp4": "unsafe_name",
  "renamed.mp4": "packed",
  "sized.mp4": "packed",
  "global.mp4": "packed",
  "broken-pax.mp4": "member_malformed",
  "empty.mp4": "empty_member",
  "last.mp4": "packed",
};

function hostileEntries(clip: Buffer, outside: string): RawEntry[] {
  const file = (name: string): RawEntry => ({ name, data: clip });
  return [
    file("good.mp4"),
    { name: "sparse.mp4", type: "S", data: clip },
    pax({ "GNU.sparse.major": "1", "GNU.sparse.minor": "0" }),
    file("pax-sparse.mp4"),
    // A link's size is of no meaning: a reader that believes it loses its place.
    { name: "symbolic.mp4", type: "2", linkName: outside, statedSize: 4096 },
    { name: "hard.mp4", type: "1", linkName: outside, statedSize: 4096 },
    { name: "character.mp4", type: "3" },
    { name: "block.mp4", type: "4" },
    { name: "pipe.mp4", type: "6" },
    { name: "volume.mp4", type: "V" },
    file("/tmp/absolute.mp4"),
    file("../../climbs.mp4"),
    pax({ path: "../../pax-climbs.mp4" }),
    file("innocent.mp4"),
    pax({ path: "/etc/pax-absolute.mp4" }),
    file("innocent.mp4"),
    pax({ path: "renamed.mp4" }),
    file("x"),
    pax({ size: String(clip.length) }),
    { name: "sized.mp4", data: clip, statedSize: 0 },
    pax({ path: "../../all.mp4", size: "1" }, "g"),
    file("global.mp4"),
    { name: "pax", type: "x", data: Buffer.from("9999 path=lie.mp4\n") },
    file("broken-pax.mp4"),
    { name: "empty.mp4" },
    file("last.mp4"),
  ];
}

function captions(): Buffer {
  const names = [...Object.keys(fates), "innocent.mp4", "x", "bomb.mp4", "after.mp4", "ten.mp4", "lie.mp4"];
  return Buffer.from(names.map((file) => `${JSON.stringify({ file, text: `A clip, ${file}.` })}\n`).join(""));
}

describe("a build of hostile tars", () => {
  it("gives every member its code, by its place and in a stream alike", async () => {
    expect(house.ended.code, house.ended.stderr).toBe(1);
    expect(house.fates(dataset, "p0001")).toEqual(fates);
    expect(house.fates(dataset, "p0011")).toEqual(fates);
  });

  it("stops expanding a member that expands out of all proportion, and packs what follows", () => {
    expect(house.fates(dataset, "p0012")).toEqual({
      "good.mp4": "packed",
      "bomb.mp4": "bomb_suspected",
      "after.mp4": "packed",
    });
    expect(house.fates(dataset, "p0015")).toEqual({ "after.mp4": "packed" });
  });

  it("gives what is whole of parts that promise more than they hold, and one line for the rest", () => {
    for (const part of ["p0002", "p0003", "p0013"])
      expect(house.fates(dataset, part), part).toEqual({
        "after.mp4": "packed",
        "ten.mp4": "member_truncated",
      });
  });

  it("ends parts that hold nothing sensible with the reason", async () => {
    expect(await house.endings(dataset)).toEqual({
      p0001: "done",
      p0002: "done",
      p0003: "done",
      p0004: "archive_malformed",
      p0011: "done",
      p0012: "done",
      p0013: "done",
      p0014: "archive_malformed",
      p0015: "done",
    });
  });

  it("balances its books, writes nothing outside, opens nothing and calls nobody", () =>
    house.expectSound(dataset));
});
