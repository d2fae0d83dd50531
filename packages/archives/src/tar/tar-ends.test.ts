import { gzipSync } from "node:zlib";
import { Failure, type Remark, RemarkBook, type StreamedMember } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.ts";
import { MemorySource } from "../../testing/memory-source.ts";
import { noise } from "../../testing/noise.ts";
import { paxRecord, rawTar, type TarInput } from "../../testing/tar-writer.ts";
import { indexTar } from "./index-tar.ts";
import { streamTarMembers } from "./stream-tar-members.ts";

const signal = new AbortController().signal;
const maxBytes = 1_000_000;
const clip = (name: string, bytes = 700): TarInput => ({ name, data: noise(bytes, name.length) });
const first = rawTar([clip("a.mp4"), clip("b.mp4", 1500)]);
const second = rawTar([{ name: "d/", type: "5" }, clip("c.mp4")]);
const all: [number, string, string][] = [
  [0, "a.mp4", "member"],
  [1, "b.mp4", "member"],
  [3, "c.mp4", "member"],
];
const page = Buffer.from("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>");

interface Read {
  readonly members: [number, string, string][];
  readonly remarks: Remark[];
}

function told({ position, name, ...member }: StreamedMember): [number, string, string] {
  return [position, name, member.kind === "member" ? "member" : member.rejection.code];
}

async function streamed(bytes: Uint8Array, chunkBytes = 777): Promise<Read> {
  const remarks = new RemarkBook();
  const source = new MemorySource(bytes, chunkBytes);
  const members = await collect(streamTarMembers(source, { maxBytes, remarks }, signal));
  return { members: members.map(told), remarks: remarks.list() };
}

/** The same from the directory, for the kinds that have one. */
async function indexed(bytes: Uint8Array): Promise<Read> {
  const { entries, leftOut, remarks } = await indexTar(new MemorySource(bytes), signal, { maxBytes });
  const members = [
    ...entries.map(({ position, name }): [number, string, string] => [position, name, "member"]),
    ...leftOut.map(({ position, name, rejection }): [number, string, string] => [
      position,
      name,
      rejection.code,
    ]),
  ];
  return { members: members.sort(([a], [b]) => a - b), remarks: [...remarks] };
}

const readers: [string, (tar: Buffer) => Promise<Read>][] = [
  ["streamed", streamed],
  ["by its directory", indexed],
  ["streamed from gzip", (tar) => streamed(gzipSync(tar))],
  ["streamed from gzip of several members", (tar) => streamed(inMembers(tar, 900))],
];

function inMembers(bytes: Buffer, memberBytes: number): Buffer {
  const members: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += memberBytes)
    members.push(gzipSync(bytes.subarray(at, at + memberBytes)));
  return Buffer.concat(members);
}

describe.each(readers)("a tar %s", (_, read) => {
  it("is read on behind its end marker where another tar follows", async () => {
    expect(await read(Buffer.concat([first, second]))).toEqual({ members: all, remarks: [] });
    const padded = [first, Buffer.alloc(10_240 * 3), second, Buffer.alloc(512 * 21)];
    expect(await read(Buffer.concat(padded))).toEqual({ members: all, remarks: [] });
  });

  it("is read on behind a lone zero block", async () => {
    const lone = Buffer.concat([first.subarray(0, first.length - 512), second]);
    expect(await read(lone)).toEqual({ members: all, remarks: [] });
    const oneAtTheEnd = Buffer.concat([first, second.subarray(0, second.length - 512)]);
    expect(await read(oneAtTheEnd)).toEqual({ members: all, remarks: [] });
  });

  it("may have headers that no entry follows, and no entry at all", async () => {
    const comment = rawTar([{ name: "pax_global_header", type: "g", data: paxRecord("comment", "abc") }]);
    expect(await read(comment)).toEqual({ members: [], remarks: [] });
    expect(await read(Buffer.concat([first, comment, second]))).toEqual({ members: all, remarks: [] });
    expect(await read(Buffer.alloc(10_240))).toEqual({ members: [], remarks: [] });
  });

  it("is read on behind padding much longer than itself", async () => {
    const padded = Buffer.concat([first, Buffer.alloc(2 * 1024 * 1024), second]);
    expect(await read(padded)).toEqual({ members: all, remarks: [] });
  });

  it.each([
    ["a page", page, "an HTML page"],
    ["a signature", Buffer.from("SIGNATURE-4711"), "53 49 47 4e 41 54 55 52 45 2d 34 37 31 31"],
    ["a long stretch of noise", noise(100_000), noise(16).toString("hex").slice(0, 2)],
    ["a zip", Buffer.from("PK\u0003\u0004 and what a zip has"), "a zip archive"],
  ])("gives all members and a remark with the place where %s follows", async (_name, junk, looks) => {
    const { members, remarks } = await read(Buffer.concat([first, second, junk]));
    expect(members).toEqual(all);
    const at = first.length + second.length;
    expect(remarks).toMatchObject([{ code: "trailing_bytes", count: 1 }]);
    expect(remarks[0]?.detail).toContain(`at byte ${at}`);
    expect(remarks[0]?.detail).toContain(`${junk.length} bytes`);
    expect(remarks[0]?.detail).toContain(looks);
  });

  it("finds the tar behind bytes that are none, and tells of these", async () => {
    const odd = Buffer.concat([first, page, Buffer.alloc(512 - page.length), noise(1024), second]);
    const { members, remarks } = await read(odd);
    expect(members).toEqual(all);
    expect(remarks).toMatchObject([{ code: "trailing_bytes", count: 1 }]);
    expect(remarks[0]?.detail).toContain("1536 bytes");
  });

  it("gives its whole members wherever it is cut, and one line for the one that is cut", async () => {
    const tar = rawTar(
      [
        clip("a.mp4"),
        { name: "x", type: "x", data: paxRecord("path", "größe.mp4") },
        clip("b.mp4", 1500),
        { name: "././@LongLink", type: "L", data: Buffer.from(`${"n".repeat(120)}\u0000`) },
        clip("c.mp4", 100),
      ],
      0,
    );
    const whole = (await read(Buffer.concat([tar, Buffer.alloc(1024)]))).members;
    expect(whole).toHaveLength(3);
    for (let at = 0; at <= tar.length; at += 256) {
      const reading = await read(tar.subarray(0, at)).catch((error: unknown) => error);
      // Without one whole header there is nothing to give.
      if (at < 512) expect(reading).toMatchObject({ name: "Failure", code: "archive_truncated" });
      if (reading instanceof Error) continue;
      const { members, remarks } = reading as Read;
      const cut = members.filter(([, , kind]) => kind !== "member");
      const good = members.filter(([, , kind]) => kind === "member");
      expect(good, `cut at ${at}`).toEqual(whole.slice(0, good.length));
      expect(cut.length, `cut at ${at}`).toBeLessThanOrEqual(1);
      for (const [position, , code] of cut)
        expect([position, code]).toEqual([good.length, "member_truncated"]);
      expect(remarks, `cut at ${at}`).toMatchObject([{ code: "archive_truncated", count: 1 }]);
    }
    const dataOfLast = await read(tar.subarray(0, tar.length - 512));
    expect(dataOfLast.members.at(-1)).toEqual([2, "n".repeat(120), "member_truncated"]);
  });

  it("is no tar at all where it begins as something else, and says as what", async () => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    const others: [Uint8Array, string][] = [
      [page, "an HTML page"],
      [Buffer.concat([page, Buffer.alloc(9000, 32)]), "an HTML page"],
      [Buffer.from(pointer), "Git LFS pointer"],
      [Buffer.concat([Buffer.from("28b52ffd", "hex"), noise(900)]), "zstd data"],
      [Buffer.concat([Buffer.from("BZh9"), noise(900)]), "bzip2 data"],
      [Buffer.concat([Buffer.from("fd377a585a00", "hex"), noise(900)]), "xz data"],
      [Buffer.concat([Buffer.from("PK\u0003\u0004"), noise(900)]), "a zip archive"],
      [Buffer.alloc(900, 0x41), "it begins with 41 41"],
    ];
    for (const [bytes, looks] of others)
      await expect(read(Buffer.from(bytes))).rejects.toMatchObject({
        code: "archive_malformed",
        message: expect.stringContaining(looks),
      });
  });
});

describe("gzip data", () => {
  it("of a tar each, one behind the other, are one stream of members", async () => {
    const both = Buffer.concat([gzipSync(first), gzipSync(second), Buffer.alloc(1000)]);
    for (const chunkBytes of [1, 512, 100_000])
      expect(await streamed(both, chunkBytes)).toEqual({ members: all, remarks: [] });
  });

  it("may be followed by a tar that is not packed", async () => {
    expect(await streamed(Buffer.concat([gzipSync(first), second]))).toEqual({ members: all, remarks: [] });
  });

  it("with a name, a comment, an extra field and a header checksum are read", async () => {
    const packed = gzipSync(Buffer.concat([first, second]));
    const head = Buffer.from(packed.subarray(0, 10));
    head[3] = 2 | 4 | 8 | 16;
    const fields = Buffer.concat([Buffer.from([3, 0, 1, 2, 3]), Buffer.from("a.tar\u0000note\u0000xx")]);
    expect(await streamed(Buffer.concat([head, fields, packed.subarray(10)]))).toEqual({
      members: all,
      remarks: [],
    });
  });

  it("followed by something else tell of it by its place in the file", async () => {
    const packed = gzipSync(Buffer.concat([first, second]));
    const { members, remarks } = await streamed(Buffer.concat([packed, Buffer.alloc(3), page]));
    expect(members).toEqual(all);
    expect(remarks).toMatchObject([{ code: "trailing_bytes", count: 1 }]);
    expect(remarks[0]?.detail).toContain(`at byte ${packed.length + 3}`);
    expect(remarks[0]?.detail).toContain("an HTML page");
  });

  it("that are cut give whole members, whether in the data, in the checksum or in a later member", async () => {
    const packed = gzipSync(first);
    const inSum = await streamed(packed.subarray(0, packed.length - 3));
    expect(inSum.members).toEqual(all.slice(0, 2));
    expect(inSum.remarks).toMatchObject([{ code: "archive_truncated", count: 1 }]);
    const later = gzipSync(second);
    for (const bytes of [4, 11, later.length - 9]) {
      const { members, remarks } = await streamed(Buffer.concat([packed, later.subarray(0, bytes)]));
      expect(members.slice(0, 2)).toEqual(all.slice(0, 2));
      expect(remarks).toMatchObject([{ code: "archive_truncated", count: 1 }]);
    }
  });

  it("whose checksum is wrong are damaged, whatever came out of them", async () => {
    for (const place of [8, 4]) {
      const packed = gzipSync(first);
      const at = packed.length - place;
      packed[at] = (packed[at] ?? 0) ^ 1;
      for (const bytes of [packed, Buffer.concat([packed, gzipSync(second)])])
        await expect(streamed(bytes)).rejects.toMatchObject({ code: "archive_malformed", retry: "later" });
    }
  });

  it("within gzip data are no tar, and said to be that", async () => {
    const reading = streamed(gzipSync(gzipSync(first)));
    await expect(reading).rejects.toMatchObject({
      code: "archive_malformed",
      message: expect.stringContaining("gzip data"),
    });
    await expect(reading).rejects.toBeInstanceOf(Failure);
  });
});
