import { Failure } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../core/testing/seeded.ts";
import { MemorySource } from "../../testing/memory-source.ts";
import { noise } from "../../testing/noise.ts";
import { writeZip, type ZipInput, type ZipShape } from "../../testing/zip-writer.ts";
import { readZipDirectory, type ZipDirectory } from "./read-zip-directory.ts";

const signal = new AbortController().signal;
const data = noise(500);

function directoryOf(inputs: ZipInput[], shape: ZipShape = {}, maxBytes?: number): Promise<ZipDirectory> {
  return readZipDirectory(new MemorySource(writeZip(inputs, shape)), signal, { maxBytes });
}

async function codeOf(input: ZipInput, maxBytes?: number): Promise<string | undefined> {
  const { leftOut } = await directoryOf([input, { name: "good.mp4", data }], {}, maxBytes);
  return leftOut[0]?.rejection.code;
}

describe("readZipDirectory", () => {
  it("numbers members by their place in the archive, over all entries, and leaves folders out", async () => {
    const directory = await directoryOf([
      { name: "clips/" },
      { name: "clips/a.mp4", data },
      { name: "clips/b.mp4", data },
    ]);
    expect(directory.entries.map(({ position, name }) => [position, name])).toEqual([
      [1, "clips/a.mp4"],
      [2, "clips/b.mp4"],
    ]);
    expect(directory.memberCount).toBe(2);
    expect(directory.directoryHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("orders by local header offset when the directory has another order", async () => {
    const zip = writeZip([
      { name: "first.mp4", data },
      { name: "second.mp4", data },
    ]);
    const start = zip.readUInt32LE(zip.length - 6);
    const half = 46 + "first.mp4".length;
    const swapped = Buffer.concat([
      zip.subarray(0, start),
      zip.subarray(start + half, zip.length - 22),
      zip.subarray(start, start + half),
      zip.subarray(zip.length - 22),
    ]);
    const { entries } = await readZipDirectory(new MemorySource(swapped), signal);
    expect(entries.map((entry) => entry.name)).toEqual(["first.mp4", "second.mp4"]);
  });

  it("reads a small archive in one request and a large directory in two", async () => {
    const small = new MemorySource(writeZip([{ name: "a.mp4", data }]));
    await readZipDirectory(small, signal);
    expect(small.requests).toHaveLength(1);
    const many = Array.from({ length: 3000 }, (_, index) => ({
      name: `clips/clip-${index}.mp4`,
      data: Buffer.from("x"),
    }));
    const large = new MemorySource(writeZip(many));
    expect((await readZipDirectory(large, signal)).entries).toHaveLength(3000);
    expect(large.requests).toHaveLength(2);
  });

  it.each<[string, ZipShape]>([
    ["a comment", { comment: "made by hand" }],
    ["a comment that holds an end record", { comment: `PK\u0005\u0006${"x".repeat(40)}` }],
    ["bytes before the archive", { prepend: noise(777) }],
    ["ZIP64 records", { zip64: true }],
    ["ZIP64 records and bytes before the archive", { zip64: true, prepend: noise(777) }],
    ["the longest comment", { comment: "c".repeat(0xffff) }],
  ])("reads an archive with %s", async (_, shape) => {
    const { entries } = await directoryOf([{ name: "a.mp4", data, zip64: shape.zip64 === true }], shape);
    expect(entries).toHaveLength(1);
    expect(entries[0]?.localHeaderOffset).toBe(shape.prepend?.length ?? 0);
    expect(entries[0]?.sizeBytes).toBe(500);
  });

  it("takes 100,000 empty members for what they are", async () => {
    const inputs = Array.from({ length: 100_000 }, (_, index) => ({ name: `e${index}` }));
    const directory = await directoryOf(inputs);
    expect(directory.memberCount).toBe(100_000);
    expect(directory.leftOut.every((one) => one.rejection.code === "empty_member")).toBe(true);
  });

  it("reads an archive without any entry", async () => {
    expect((await directoryOf([])).memberCount).toBe(0);
  });

  it.each<[string, string, ZipInput, number?]>([
    ["an absolute name", "unsafe_name", { name: "/etc/a.mp4", data }],
    ["a name that climbs", "unsafe_name", { name: "clips/../../a.mp4", data }],
    ["a name that climbs with backslashes", "unsafe_name", { name: "clips\\..\\a.mp4", data }],
    ["a drive letter", "unsafe_name", { name: "C:\\a.mp4", data }],
    ["a NUL", "unsafe_name", { name: "a\u0000.mp4", data }],
    [
      "a name that is marked as UTF-8 and is none",
      "unsafe_name",
      { name: Buffer.from([0xff, 0xfe]), flags: 0x800, data },
    ],
    ["encryption", "member_encrypted", { name: "a.mp4", data, flags: 1 }],
    ["an unknown method", "member_method_unknown", { name: "a.mp4", data, method: 93 }],
    ["a symlink", "member_type_unsupported", { name: "a.mp4", data, unixMode: 0o120777 }],
    ["a device", "member_type_unsupported", { name: "a.mp4", data, unixMode: 0o060666 }],
    [
      "a span into the next member",
      "member_malformed",
      { name: "a.mp4", data, directory: { size: 600, compressed: 600 } },
    ],
    [
      "an end outside of the archive",
      "member_malformed",
      { name: "a.mp4", data, directory: { offset: 3_000_000 } },
    ],
    [
      "a size that contradicts storing",
      "member_malformed",
      { name: "a.mp4", data, directory: { size: 501 } },
    ],
    [
      "a broken extra field",
      "member_malformed",
      { name: "a.mp4", data, directory: { extra: Buffer.from([1, 0, 99, 0]) } },
    ],
    ["zero bytes", "empty_member", { name: "a.mp4" }],
    [
      "a size above the limit",
      "bomb_suspected",
      { name: "a.mp4", data: Buffer.alloc(5000), deflate: true },
      4999,
    ],
    [
      "an implausible ratio",
      "bomb_suspected",
      { name: "a.mp4", data, deflate: true, directory: { size: 70_000_000 } },
    ],
  ])("leaves out a member with %s as %s, and keeps the rest", async (_, code, input, maxBytes) => {
    expect(await codeOf(input, maxBytes)).toBe(code);
    const directory = await directoryOf([input, { name: "good.mp4", data }], {}, maxBytes);
    expect(directory.entries.map((entry) => entry.name)).toEqual(["good.mp4"]);
    expect(directory.memberCount).toBe(2);
  });

  it("reads names in UTF-8 with and without the flag, and in code page 437 otherwise", async () => {
    const { entries } = await directoryOf([
      { name: "größe.mp4", data },
      { name: Buffer.from("größe-2.mp4"), flags: 0, data },
      { name: Buffer.from([0x81, 0x2e, 0x6d, 0x70, 0x34]), flags: 0, data },
    ]);
    expect(entries.map((entry) => entry.name)).toEqual(["größe.mp4", "größe-2.mp4", "ü.mp4"]);
  });

  it("fails as archive_truncated when the end is missing, and as archive_malformed when it never was a zip", async () => {
    const zip = writeZip([{ name: "a.mp4", data }]);
    const truncated = readZipDirectory(new MemorySource(zip.subarray(0, zip.length - 30)), signal);
    await expect(truncated).rejects.toMatchObject({ name: "Failure", code: "archive_truncated" });
    const nonsense = readZipDirectory(new MemorySource(noise(1000)), signal);
    await expect(nonsense).rejects.toMatchObject({ name: "Failure", code: "archive_malformed" });
    const empty = readZipDirectory(new MemorySource(new Uint8Array(0)), signal);
    await expect(empty).rejects.toMatchObject({ name: "Failure", code: "archive_malformed" });
  });

  it("fails when the end record counts other entries than there are, or the directory is too large", async () => {
    await expect(directoryOf([{ name: "a.mp4", data }], { entryCount: 7 })).rejects.toMatchObject({
      code: "archive_malformed",
    });
    const source = new MemorySource(writeZip([{ name: "a.mp4", data }]));
    const limited = readZipDirectory(source, signal, { maxDirectoryBytes: 10 });
    await expect(limited).rejects.toMatchObject({ code: "archive_malformed" });
  });

  it("throws nothing but a Failure, whatever bytes are flipped", async () => {
    const inputs: ZipInput[] = Array.from({ length: 12 }, (_, index) => ({
      name: `clips/größe-${index}.mp4`,
      data: noise(50 + index, index),
      deflate: index % 2 === 0,
      zip64: index % 3 === 0,
    }));
    const random = seededRandom(7);
    for (const shape of [{}, { zip64: true, comment: "c" }, { prepend: noise(99) }]) {
      const zip = writeZip(inputs, shape);
      for (let round = 0; round < 1000; round++) {
        const mutant = Buffer.from(zip);
        for (let flips = random() % 4; flips >= 0; flips--)
          mutant[random() % mutant.length] = random() & 0xff;
        const cut = random() % 5 === 0 ? mutant.subarray(0, random() % mutant.length) : mutant;
        const outcome = await readZipDirectory(new MemorySource(cut), signal).catch(
          (error: unknown) => error,
        );
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(Failure);
      }
    }
  });
});
