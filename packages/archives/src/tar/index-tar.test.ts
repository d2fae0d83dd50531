import { describe, expect, it } from "vitest";
import { collect } from "../../testing/collect.ts";
import { MemorySource } from "../../testing/memory-source.ts";
import { noise } from "../../testing/noise.ts";
import { bytesOf, maxBytes, outcomeOf } from "../../testing/tar-outcome.ts";
import { rawTar, type TarInput } from "../../testing/tar-writer.ts";
import { indexTar } from "./index-tar.ts";
import { streamTarEntries } from "./stream-tar-entries.ts";

const signal = new AbortController().signal;

describe("indexTar", () => {
  const inputs: TarInput[] = [
    { name: "d/", type: "5" },
    ...Array.from({ length: 200 }, (_, index) => ({ name: `d/${index}.jpg`, data: noise(600, index) })),
    { name: "link", type: "2" },
    ...Array.from({ length: 10 }, (_, index) => ({ name: `d/${index}.mp4`, data: noise(300_000, index) })),
  ];

  it("finds what the stream finds, reading headers only, in few requests", async () => {
    const tar = rawTar(inputs);
    const source = new MemorySource(tar);
    const index = await indexTar(source, signal);
    expect(index.remarks).toEqual([]);
    expect(index.memberCount).toBe(211);
    expect(index.leftOut.map((one) => [one.position, one.rejection.code])).toEqual([
      [201, "member_type_unsupported"],
    ]);
    expect(source.requests.length).toBeLessThan(20);
    expect(source.bytesRead).toBeLessThan(1_100_000);
    const streamed = (await outcomeOf(tar)).members.filter((member) => member.kind === "member");
    expect(index.entries.map(({ position, name }) => [position, name])).toEqual(
      streamed.map((m) => [m.position, m.name]),
    );
    const wanted = index.entries.filter((_, place) => place % 50 === 0);
    source.requests.length = 0;
    const members = await collect(streamTarEntries(source, wanted, { maxBytes, gapBytes: 100_000 }, signal));
    expect(source.requests.length).toBeLessThanOrEqual(2);
    for (const [place, member] of members.entries())
      expect(Buffer.compare(bytesOf(member), bytesOf(streamed[place * 50]))).toBe(0);
  });

  it("tells what is whole and why the index ends early", async () => {
    const tar = rawTar(inputs).subarray(0, 1_000_000);
    const index = await indexTar(new MemorySource(tar), signal);
    expect(index.remarks).toMatchObject([{ code: "archive_truncated", count: 1 }]);
    expect(index.leftOut.at(-1)?.rejection.code).toBe("member_truncated");
    expect(index.entries.length).toBeGreaterThan(200);
  });

  it("hashes the headers: another name or size is another tar", async () => {
    const hash = async (name: string): Promise<string> =>
      (await indexTar(new MemorySource(rawTar([{ name, data: noise(700) }])), signal)).directoryHash;
    expect(await hash("a")).toBe(await hash("a"));
    expect(await hash("a")).not.toBe(await hash("b"));
  });
});
