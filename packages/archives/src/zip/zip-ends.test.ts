import type { StreamedMember } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.ts";
import { MemorySource } from "../../testing/memory-source.ts";
import { noise } from "../../testing/noise.ts";
import { writeZip } from "../../testing/zip-writer.ts";
import { readZipDirectory, type ZipDirectory } from "./read-zip-directory.ts";
import { streamZipMembers } from "./stream-zip-members.ts";

const signal = new AbortController().signal;
const maxBytes = 1_000_000;
const a = noise(900, 1);
const b = noise(1200, 2);
const first = writeZip([
  { name: "a.mp4", data: a },
  { name: "d/" },
  { name: "b.mp4", data: b, deflate: true },
]);
const second = writeZip([{ name: "c.mp4", data: noise(500, 3) }], { comment: "of the second" });
const page = Buffer.from("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>");

async function read(bytes: Uint8Array): Promise<{ directory: ZipDirectory; members: StreamedMember[] }> {
  const source = new MemorySource(bytes);
  const directory = await readZipDirectory(source, signal);
  const members = await collect(streamZipMembers(source, directory.entries, { maxBytes }, signal));
  return { directory, members };
}

function told({ members }: { members: readonly StreamedMember[] }): unknown[] {
  return members.map((m) => [m.position, m.name, m.kind === "member" ? m.sizeBytes : m.rejection.code]);
}

describe("zips one after the other", () => {
  it("are read from the first member of the first, whatever offsets the later ones state", async () => {
    const all = [
      [0, "a.mp4", 900],
      [2, "b.mp4", 1200],
      [3, "c.mp4", 500],
    ];
    for (const between of [0, 40]) {
      const both = await read(Buffer.concat([first, Buffer.alloc(between), second]));
      expect(told(both)).toEqual(all);
      expect(both.directory).toMatchObject({ memberCount: 3, remarks: [] });
    }
    const three = await read(Buffer.concat([first, second, first]));
    expect(told(three).map((member) => (member as unknown[])[0])).toEqual([0, 2, 3, 4, 6]);
    const beforeAnEmptyOne = await read(Buffer.concat([first, writeZip([])]));
    expect(told(beforeAnEmptyOne)).toEqual(all.slice(0, 2));
  });

  it("with ZIP64 records are read too", async () => {
    const long = writeZip([{ name: "long.mp4", data: a, zip64: true }], { zip64: true });
    for (const zips of [
      [first, long],
      [long, second],
    ])
      expect(told(await read(Buffer.concat(zips)))).toContainEqual([
        zips[0] === long ? 0 : 3,
        "long.mp4",
        900,
      ]);
  });

  it("have an identity of their own; a single one has that of its directory", async () => {
    const hashes = [first, second, Buffer.concat([first, second]), Buffer.concat([second, first])].map(
      async (bytes) => (await read(bytes)).directory.directoryHash,
    );
    expect(new Set(await Promise.all(hashes)).size).toBe(4);
  });
});

describe("bytes that belong to no zip", () => {
  it.each([
    ["a stub", Buffer.concat([Buffer.from("MZ\u0090\u0000"), noise(3000)]), "4d 5a"],
    ["a page", page, "an HTML page"],
    ["a zip whose directory is missing", first.subarray(0, 1500), "a zip archive"],
  ])("before the archive, such as %s, are a remark", async (_, stub, looks) => {
    for (const bytes of [
      Buffer.concat([stub, first]),
      writeZip([{ name: "a.mp4", data: a }], { prepend: stub }),
    ]) {
      const found = await read(bytes);
      expect(told(found)[0]).toEqual([0, "a.mp4", 900]);
      expect(found.directory.remarks).toMatchObject([{ code: "leading_bytes", count: 1 }]);
      expect(found.directory.remarks[0]?.detail).toContain(`${stub.length} bytes before`);
      expect(found.directory.remarks[0]?.detail).toContain(looks);
    }
  });

  it.each([
    ["a page", page, "an HTML page"],
    ["three megabytes of noise", noise(3_000_000), "3000000 bytes"],
    ["a zip whose directory is missing", second.subarray(0, 300), "a zip archive"],
  ])("behind the end, such as %s, are a remark with their place", async (_, junk, looks) => {
    const zip = writeZip([{ name: "a.mp4", data: a }], { comment: "with a comment" });
    const found = await read(Buffer.concat([zip, junk]));
    expect(told(found)).toEqual([[0, "a.mp4", 900]]);
    expect(found.directory.remarks).toMatchObject([{ code: "trailing_bytes", count: 1 }]);
    expect(found.directory.remarks[0]?.detail).toContain(`at byte ${zip.length}`);
    expect(found.directory.remarks[0]?.detail).toContain(looks);
  });

  it("are padding where they are zeros", async () => {
    const found = await read(Buffer.concat([first, Buffer.alloc(100_000)]));
    expect(found.directory).toMatchObject({ memberCount: 2, remarks: [] });
  });
});

describe("a zip that is none", () => {
  it.each([
    [
      "an LFS pointer",
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
      "Git LFS pointer",
    ],
    ["a page", page.toString(), "an HTML page"],
    ["gzip data", "\u001f\u008b\u0008 and so on", "gzip data"],
    ["nothing", "", "an empty file"],
  ])("but %s is said to be that", async (_, text, looks) => {
    const reading = readZipDirectory(new MemorySource(Buffer.from(text, "latin1")), signal);
    await expect(reading).rejects.toMatchObject({
      code: "archive_malformed",
      message: expect.stringContaining(looks),
    });
  });

  it("has lost its directory: one that lies within its members does not stand for it", async () => {
    const nested = writeZip([
      { name: "inner.zip", data: second },
      { name: "b.mp4", data: noise(5000) },
    ]);
    for (const cut of [1500, 4000])
      await expect(readZipDirectory(new MemorySource(nested.subarray(0, cut)), signal)).rejects.toMatchObject(
        {
          code: "archive_truncated",
        },
      );
  });
});
