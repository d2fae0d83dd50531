import { gzipSync } from "node:zlib";
import { Failure, RemarkBook } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../core/testing/seeded.ts";
import { collect } from "../../testing/collect.ts";
import { MemorySource } from "../../testing/memory-source.ts";
import { noise } from "../../testing/noise.ts";
import { bytesOf, maxBytes, outcomeOf, told } from "../../testing/tar-outcome.ts";
import { packedTar, paxRecord, rawTar, type TarInput } from "../../testing/tar-writer.ts";
import { streamTarMembers } from "./stream-tar-members.ts";

const signal = new AbortController().signal;
const data = noise(700);
const good: TarInput = { name: "good.mp4", data };

const sparseData = Buffer.concat([paxRecord("GNU.sparse.major", "1"), paxRecord("GNU.sparse.minor", "0")]);
const extendedSparse = Buffer.alloc(512);

describe.each([false, true])("streamTarMembers with gzip %s", (gzip) => {
  it("gives members back byte by byte, with long and foreign names", async () => {
    const files = ["a.mp4", `${"deep/".repeat(40)}b.mp4`, `${"x".repeat(150)}.mp4`, "größe.mp4"].map(
      (name, index) => ({
        name,
        data: noise(1000 * index + 1, index),
      }),
    );
    const { members, error } = await outcomeOf(await packedTar(files), { gzip });
    expect(error).toBeNull();
    expect(told(members)).toEqual(files.map(({ name }, index) => [index, name, "member"]));
    for (const [index, member] of members.entries())
      expect(Buffer.compare(bytesOf(member), files[index]?.data ?? Buffer.alloc(0))).toBe(0);
  });

  it("counts folders as positions and not as members, and reads GNU long names, v7 headers and ./ prefixes", async () => {
    const longName = `clips/${"n".repeat(200)}.mp4`;
    const { members, error } = await outcomeOf(
      rawTar([
        { name: "./clips/", type: "5" },
        { name: "././@LongLink", type: "L", data: Buffer.from(`${longName}\u0000`), magic: "gnu" },
        { name: longName, data, magic: "gnu" },
        { name: "pax_global_header", type: "g", data: paxRecord("comment", "abc") },
        { name: "./clips/b.mp4", data, magic: "v7" },
      ]),
      { gzip },
    );
    expect(error).toBeNull();
    expect(told(members)).toEqual([
      [1, longName, "member"],
      [2, "clips/b.mp4", "member"],
    ]);
  });

  it.each<[string, string, TarInput[]]>([
    ["a hard link", "member_type_unsupported", [{ name: "a.mp4", type: "1", sizeBytes: 700 }]],
    ["a symlink", "member_type_unsupported", [{ name: "a.mp4", type: "2" }]],
    ["a device", "member_type_unsupported", [{ name: "a.mp4", type: "3" }]],
    ["a fifo", "member_type_unsupported", [{ name: "a.mp4", type: "6" }]],
    ["an old sparse file", "member_type_unsupported", [{ name: "a.mp4", type: "S", data, magic: "gnu" }]],
    [
      "a pax sparse file",
      "member_type_unsupported",
      [
        { name: "x", type: "x", data: sparseData },
        { name: "a.mp4", data },
      ],
    ],
    ["an absolute name", "unsafe_name", [{ name: "/etc/passwd", data }]],
    ["a climbing name", "unsafe_name", [{ name: "a/../../b.mp4", data }]],
    [
      "a climbing name in pax",
      "unsafe_name",
      [
        { name: "x", type: "x", data: paxRecord("path", "../b.mp4") },
        { name: "b", data },
      ],
    ],
    [
      "a NUL in its pax name",
      "unsafe_name",
      [
        { name: "x", type: "x", data: paxRecord("path", "a\u0000.mp4") },
        { name: "b", data },
      ],
    ],
    ["a name that is no UTF-8", "unsafe_name", [{ name: Buffer.from([0xff, 0xfe, 0x41]), data }]],
    [
      "a broken pax header",
      "member_malformed",
      [
        { name: "x", type: "x", data: Buffer.from("99 path=a\n") },
        { name: "b", data },
      ],
    ],
    ["zero bytes", "empty_member", [{ name: "a.mp4" }]],
    ["a size above the limit", "bomb_suspected", [{ name: "a.mp4", data: noise(2000) }]],
  ])("rejects %s as %s and reads the next one", async (_, code, inputs) => {
    const { members, error } = await outcomeOf(rawTar([...inputs, good]), { gzip, maxBytes: 1999 });
    expect(error).toBeNull();
    expect(told(members).map(([position, , kind]) => [position, kind])).toEqual([
      [0, code],
      [1, "member"],
    ]);
  });

  it("obeys a pax size, and refuses one that is no number", async () => {
    const pax = { name: "x", type: "x", data: paxRecord("size", "700") };
    const { members } = await outcomeOf(rawTar([pax, { name: "a.mp4", data, sizeBytes: 0 }, good]), { gzip });
    expect(told(members).map(([, , kind]) => kind)).toEqual(["member", "member"]);
    const lie = { name: "x", type: "x", data: paxRecord("size", "-1") };
    const broken = await outcomeOf(rawTar([lie, { name: "a.mp4", data }, good]), { gzip });
    expect(told(broken.members).map(([, , kind]) => kind)).toEqual(["member_malformed", "member"]);
  });

  it("yields what is whole, then the member that is cut off, with a remark: 10 GB declared on 1 KB", async () => {
    const tar = rawTar([good, { name: "huge.mp4", data: noise(1024), sizeBytes: 10_000_000_000 }], 0);
    const { members, remarks, error } = await outcomeOf(tar, { gzip });
    expect(told(members)).toEqual([
      [0, "good.mp4", "member"],
      [1, "huge.mp4", "member_truncated"],
    ]);
    expect(error).toBeNull();
    expect(remarks).toMatchObject([{ code: "archive_truncated", count: 1 }]);
  });

  it("remarks that the end marker is missing, on the border of a member", async () => {
    const { members, remarks, error } = await outcomeOf(rawTar([good], 0), { gzip });
    expect(told(members)).toEqual([[0, "good.mp4", "member"]]);
    expect(error).toBeNull();
    expect(remarks).toMatchObject([
      { code: "archive_truncated", detail: expect.stringContaining("without an end marker") },
    ]);
  });

  it("fails as archive_malformed at a header that is none, and at an extension header beyond reason", async () => {
    const tar = rawTar([good, good]);
    tar[512 + 1024] = (tar[512 + 1024] ?? 0) ^ 1;
    const damaged = await outcomeOf(tar, { gzip });
    expect(told(damaged.members)).toHaveLength(1);
    expect(damaged.error).toMatchObject({ code: "archive_malformed" });
    const greedy = await outcomeOf(rawTar([{ name: "x", type: "x", sizeBytes: 5_000_000 }]), { gzip });
    expect(greedy.error).toMatchObject({ code: "archive_malformed" });
  });

  it("passes over what is not wanted, keeping positions", async () => {
    const asked: [number, string, number][] = [];
    const want = (position: number, name: string, sizeBytes: number): boolean => {
      asked.push([position, name, sizeBytes]);
      return position === 2;
    };
    const tar = rawTar([
      { name: "d/", type: "5" },
      { name: "a.mp4", data },
      { name: "b.mp4", data },
      { name: "c", type: "2" },
    ]);
    const { members } = await outcomeOf(tar, { gzip, want });
    expect(told(members)).toEqual([[2, "b.mp4", "member"]]);
    expect(asked).toEqual([
      [1, "a.mp4", 700],
      [2, "b.mp4", 700],
      [3, "c", 0],
    ]);
  });

  it("throws nothing but a Failure, whatever bytes are flipped or cut", async () => {
    const tar = rawTar([
      { name: "x", type: "x", data: paxRecord("path", "größe.mp4") },
      good,
      { name: "././@LongLink", type: "L", data: Buffer.from(`${"n".repeat(120)}\u0000`) },
      good,
      { name: "s", type: "S", data: extendedSparse },
    ]);
    const packed = gzip ? gzipSync(tar) : tar;
    const random = seededRandom(5);
    for (let round = 0; round < 500; round++) {
      const mutant = Buffer.from(packed);
      for (let flips = random() % 3; flips >= 0; flips--) mutant[random() % mutant.length] = random() & 0xff;
      const source = new MemorySource(mutant.subarray(0, 1 + (random() % mutant.length)), 700);
      const reading = collect(streamTarMembers(source, { maxBytes }, signal));
      const result = await reading.catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(Failure);
    }
  });
});

describe("streamTarMembers on gzip", () => {
  it("yields every member that is whole before the point where the gzip data is cut", async () => {
    const files = Array.from({ length: 40 }, (_, index) => ({
      name: `${index}.mp4`,
      data: noise(20_000, index),
    }));
    const zipped = gzipSync(await packedTar(files));
    const source = new MemorySource(zipped.subarray(0, Math.floor(zipped.length / 2)));
    const remarks = new RemarkBook();
    const members = await collect(streamTarMembers(source, { maxBytes, remarks }, signal));
    expect(remarks.list()).toMatchObject([{ code: "archive_truncated", count: 1 }]);
    expect(
      told(members)
        .slice(0, 19)
        .every(([, , kind]) => kind === "member"),
    ).toBe(true);
    expect(told(members).at(-1)?.[2]).toBe("member_truncated");
  });

  it("fails as archive_malformed when the gzip data is damaged, even in its last bytes", async () => {
    const zipped = gzipSync(rawTar([good]));
    const at = zipped.length - 6;
    zipped[at] = (zipped[at] ?? 0) ^ 1;
    const reading = collect(streamTarMembers(new MemorySource(zipped), { maxBytes }, signal));
    await expect(reading).rejects.toMatchObject({ code: "archive_malformed", retry: "later" });
  });

  it("does not hold a bomb: a member that expands beyond reason is passed over", async () => {
    const bomb = { name: "bomb.mp4", data: Buffer.alloc(150_000_000) };
    const { members, error } = await outcomeOf(rawTar([bomb, good]), { gzip: true, maxBytes: 2_000_000_000 });
    expect(error).toBeNull();
    expect(told(members).map(([, , kind]) => kind)).toEqual(["bomb_suspected", "member"]);
  });

  it("reads gzip data in several parts, as concatenation makes it", async () => {
    const tar = rawTar([good, { name: "b.mp4", data }]);
    const parts = Buffer.concat([gzipSync(tar.subarray(0, 900)), gzipSync(tar.subarray(900))]);
    const members = await collect(streamTarMembers(new MemorySource(parts, 100), { maxBytes }, signal));
    expect(members).toHaveLength(2);
  });
});
