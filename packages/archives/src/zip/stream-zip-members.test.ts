import { ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { Failure, type StreamedMember } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../core/testing/seeded.ts";
import { collect } from "../../testing/collect.ts";
import { FileSource } from "../../testing/file-source.ts";
import { MemorySource } from "../../testing/memory-source.ts";
import { noise } from "../../testing/noise.ts";
import { endRecords, writeZip, type ZipInput } from "../../testing/zip-writer.ts";
import { readZipDirectory } from "./read-zip-directory.ts";
import { streamZipMembers } from "./stream-zip-members.ts";

const signal = new AbortController().signal;
const maxBytes = 100_000_000;

async function membersOf(source: MemorySource): Promise<StreamedMember[]> {
  const { entries } = await readZipDirectory(source, signal);
  return collect(streamZipMembers(source, entries, { maxBytes }, signal));
}

function outcome(member: StreamedMember | undefined): string {
  if (member === undefined) return "none";
  return member.kind === "member" ? "member" : member.rejection.code;
}

function bytesOf(member: StreamedMember | undefined): Uint8Array {
  if (member?.kind !== "member" || member.content.kind !== "file") throw new Error("expected a file");
  return member.content.bytes;
}

describe("streamZipMembers", () => {
  it("gives stored and deflated members back byte by byte, in archive order, in one request", async () => {
    const inputs: ZipInput[] = Array.from({ length: 20 }, (_, index) => ({
      name: `clips/${index}.mp4`,
      data: noise(1 + 7000 * index, index),
      deflate: index % 2 === 1,
      zip64: index % 5 === 0,
      descriptor: index % 7 === 0,
    }));
    const source = new MemorySource(writeZip(inputs), 1000);
    const { entries } = await readZipDirectory(source, signal);
    source.requests.length = 0;
    const members = await collect(streamZipMembers(source, entries, { maxBytes }, signal));
    expect(source.requests).toHaveLength(1);
    expect(members.map((member) => member.position)).toEqual(inputs.map((_, index) => index));
    for (const [index, member] of members.entries())
      expect(Buffer.compare(bytesOf(member), inputs[index]?.data ?? Buffer.alloc(0))).toBe(0);
  });

  it("costs three requests and little beyond the members' bytes to read 3 of 60 members", async () => {
    const inputs = Array.from({ length: 60 }, (_, index) => ({
      name: `${index}.mp4`,
      data: noise(200_000, index),
    }));
    const source = new MemorySource(writeZip(inputs));
    const { entries } = await readZipDirectory(source, signal);
    expect(source.requests).toHaveLength(1);
    source.bytesRead = 0;
    source.requests.length = 0;
    let told = 0;
    const wanted = [entries[5], entries[6], entries[50]].filter((entry) => entry !== undefined);
    const options = { maxBytes, gapBytes: 100_000, onBytes: (bytes: number) => (told += bytes) };
    const members = await collect(streamZipMembers(source, wanted, options, signal));
    expect(members.map(outcome)).toEqual(["member", "member", "member"]);
    expect(source.requests).toHaveLength(2);
    expect(source.bytesRead).toBeLessThan(600_000 + 1000);
    expect(told).toBe(source.bytesRead);
  });

  it("reads over gaps up to gapBytes and asks anew beyond", async () => {
    const inputs = Array.from({ length: 9 }, (_, index) => ({
      name: `${index}.mp4`,
      data: noise(10_000, index),
    }));
    const source = new MemorySource(writeZip(inputs));
    const { entries } = await readZipDirectory(source, signal);
    const wanted = entries.filter((_, index) => index % 4 === 0);
    for (const [gapBytes, requests] of [
      [40_000, 1],
      [20_000, 3],
    ] as const) {
      source.requests.length = 0;
      expect(await collect(streamZipMembers(source, wanted, { maxBytes, gapBytes }, signal))).toHaveLength(3);
      expect(source.requests).toHaveLength(requests);
    }
  });

  it("asks for the rest when a local header is longer than expected", async () => {
    const extra = Buffer.alloc(20_004);
    extra.writeUInt16LE(0x9999, 0);
    extra.writeUInt16LE(20_000, 2);
    const data = noise(30_000);
    const source = new MemorySource(writeZip([{ name: "a.mp4", data, local: { extra } }]));
    const [member] = await membersOf(source);
    expect(Buffer.compare(bytesOf(member), data)).toBe(0);
  });

  it.each<[string, string, ZipInput]>([
    [
      "another name in its local header",
      "member_malformed",
      { name: "a.mp4", data: noise(900), local: { name: "b.mp4" } },
    ],
    [
      "another size in its local header",
      "member_malformed",
      { name: "a.mp4", data: noise(900), local: { size: 901 } },
    ],
    [
      "another compressed size there",
      "member_malformed",
      { name: "a.mp4", data: noise(900), local: { compressed: 9 } },
    ],
    ["a wrong CRC", "bad_crc", { name: "a.mp4", data: noise(900), directory: { crc: 1 }, descriptor: true }],
    [
      "more data than stated",
      "bomb_suspected",
      {
        name: "a.mp4",
        data: Buffer.alloc(9_000_000),
        deflate: true,
        directory: { size: 900 },
        local: { size: 900 },
      },
    ],
    [
      "less data than stated",
      "member_malformed",
      {
        name: "a.mp4",
        data: Buffer.alloc(900),
        deflate: true,
        directory: { size: 901 },
        local: { size: 901 },
      },
    ],
  ])("rejects a member with %s as %s, and reads the next one", async (_, code, input) => {
    const source = new MemorySource(writeZip([input, { name: "good.mp4", data: noise(5000) }]));
    expect((await membersOf(source)).map(outcome)).toEqual([code, "member"]);
  });

  it.each([0, 4, 40, 5000, 19_000])(
    "reads a member again whose byte %i was flipped on the way, once",
    async (at) => {
      for (const deflate of [false, true]) {
        const inputs = [
          { name: "a.mp4", data: noise(20_000), deflate },
          { name: "b.mp4", data: noise(20_000, 2), deflate },
        ];
        const source = new MemorySource(writeZip(inputs), 1000);
        const { entries } = await readZipDirectory(source, signal);
        source.requests.length = 0;
        source.damage = (chunk, start, request) => {
          if (request === 0 && at >= start && at < start + chunk.length)
            chunk[at - start] = (chunk[at - start] ?? 0) ^ 0x40;
          return chunk;
        };
        const members = await collect(streamZipMembers(source, entries, { maxBytes }, signal));
        expect(members.map(outcome)).toEqual(["member", "member"]);
        expect(Buffer.compare(bytesOf(members[0]), inputs[0]?.data ?? Buffer.alloc(0))).toBe(0);
      }
    },
  );

  it("rejects as bad_crc when the second reading is no better", async () => {
    const zip = writeZip([
      { name: "a.mp4", data: noise(20_000) },
      { name: "b.mp4", data: noise(500) },
    ]);
    zip[10_000] = (zip[10_000] ?? 0) ^ 1;
    const source = new MemorySource(zip);
    expect((await membersOf(source)).map(outcome)).toEqual(["bad_crc", "member"]);
  });

  it("passes a Failure of the source on, and closes the stream when the consumer breaks off", async () => {
    const source = new MemorySource(
      writeZip([
        { name: "a.mp4", data: noise(20_000) },
        { name: "b.mp4", data: noise(500) },
      ]),
    );
    const { entries } = await readZipDirectory(source, signal);
    for await (const _ of streamZipMembers(source, entries, { maxBytes }, signal)) break;
    expect(source.openReads).toBe(0);
    const failure = new Failure("source_unreachable", "gone");
    source.damage = () => {
      throw failure;
    };
    await expect(collect(streamZipMembers(source, entries, { maxBytes }, signal))).rejects.toBe(failure);
  });

  it("ends with the reason of an aborted signal", async () => {
    const source = new MemorySource(
      writeZip([
        { name: "a.mp4", data: noise(20_000) },
        { name: "b.mp4", data: noise(500) },
      ]),
    );
    const { entries } = await readZipDirectory(source, signal);
    const abort = new AbortController();
    const reading = (async () => {
      for await (const _ of streamZipMembers(source, entries, { maxBytes }, abort.signal))
        abort.abort(new Error("enough"));
    })();
    await expect(reading).rejects.toThrow("enough");
  });

  it("reads one clip out of a 50 GB ZIP64 archive for the directory, the clip, and little more", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shardmill-zip-"));
    try {
      const path = join(folder, "sparse.zip");
      const clip = noise(300_000);
      const clipCount = 2000;
      const strideBytes = 25_000_000;
      const file = openSync(path, "w");
      const directory: Buffer[] = [];
      const truth = { size: clip.length, compressed: clip.length, crc: crc32(clip) };
      for (let index = 0; index < clipCount; index++) {
        const name = `clip-${index}.mp4`;
        const at = { ...truth, offset: index * strideBytes };
        const one = writeZip([{ name, directory: at }]);
        directory.push(one.subarray(30 + name.length, one.length - 22));
      }
      const head = writeZip([{ name: "clip-1500.mp4", data: clip }]).subarray(0, 30 + 13 + clip.length);
      writeSync(file, head, 0, head.length, 1500 * strideBytes);
      const offset = clipCount * strideBytes;
      const end = Buffer.concat([
        ...directory,
        endRecords(Buffer.concat(directory).length, offset, clipCount),
      ]);
      ftruncateSync(file, offset);
      writeSync(file, end, 0, end.length, offset);
      const source = await FileSource.open(path);
      expect(source.sizeBytes).toBeGreaterThan(50_000_000_000);
      const { entries, directoryBytes } = await readZipDirectory(source, signal);
      expect(entries).toHaveLength(clipCount);
      const wanted = entries.filter((entry) => entry.name === "clip-1500.mp4");
      const [member] = await collect(streamZipMembers(source, wanted, { maxBytes }, signal));
      expect(crc32(bytesOf(member))).toBe(crc32(clip));
      expect(source.bytesRead - directoryBytes - clip.length).toBeLessThan(1_000_000);
      expect(source.requests.length).toBeLessThanOrEqual(3);
      await source.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("throws nothing but a Failure when any byte of the archive is flipped", async () => {
    const inputs: ZipInput[] = Array.from({ length: 4 }, (_, index) => ({
      name: `${index}.mp4`,
      data: noise(120, index),
      deflate: index % 2 === 0,
    }));
    const zip = writeZip(inputs);
    const random = seededRandom(11);
    for (let round = 0; round < 1000; round++) {
      const mutant = Buffer.from(zip);
      for (let flips = random() % 3; flips >= 0; flips--) mutant[random() % mutant.length] = random() & 0xff;
      const result = await membersOf(new MemorySource(mutant)).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(Failure);
    }
  });
});
