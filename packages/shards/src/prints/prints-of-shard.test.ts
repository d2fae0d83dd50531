import { createHash } from "node:crypto";
import { openRecords, openStore, type Records } from "@shardmill/store";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { line, manifestOf, never, tempFolder } from "../../testing/make-shard.ts";
import type { Sample } from "../look/sample.ts";
import { openShardWriter } from "../write/open-shard-writer.ts";
import { printOfJpeg } from "./difference-hash.ts";
import { printsOfShard } from "./prints-of-shard.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Spots of light whose places tell the number. */
async function scene(number: number, { size = 224, quality = 90 } = {}): Promise<Buffer> {
  const spots = Array.from({ length: 9 }, (_, at) => {
    const [x, y] = [(at * 37 + number * 53) % 100, (at * 61 + number * 29) % 100];
    return `<circle cx="${x}" cy="${y}" r="9" fill="hsl(${at * 40},60%,${50 + ((at * number) % 4) * 10}%)"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="${size}" height="${size}">${spots.join("")}</svg>`;
  return sharp(Buffer.from(svg)).flatten({ background: "#223" }).jpeg({ quality }).toBuffer();
}

const black = sharp({ create: { width: 224, height: 224, channels: 3, background: "#010101" } })
  .jpeg()
  .toBuffer();

function clip(key: string, jpegs: readonly Uint8Array[], more: Record<string, unknown> = {}): Sample {
  const frames = jpegs.map((bytes, at) => ({ suffix: `${String(at).padStart(3, "0")}.jpg`, bytes }));
  const json = Buffer.from(JSON.stringify({ frame_count: jpegs.length, ...more }));
  return { key, members: [...frames, { suffix: "json", bytes: json }] };
}

/** Returns the sha256 of its tar. */
async function writeShard(records: Records, samples: readonly Sample[]): Promise<string> {
  const writer = await openShardWriter(records.store, records.dataset, "toy-p0000-0000", { records });
  for (const sample of samples) await writer.add(sample);
  const finished = await writer.finish(never);
  const ledger = samples.map(({ key, members }, at) => line(at, { key, frames: members.length - 1 }));
  await writer.publish(manifestOf(writer.shard, finished, ledger), ledger, never);
  if (finished.tar === null) throw new Error("nothing was packed");
  return finished.tar.sha256;
}

function distance(a: string | undefined, b: string | undefined): number {
  const differ = BigInt(`0x${a}`) ^ BigInt(`0x${b}`);
  return differ.toString(2).replaceAll("0", "").length;
}

describe("the print of a picture", () => {
  it("is near that of the same picture in another size and quality, and far from that of others", async () => {
    const prints = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => printOfJpeg(await scene(at + 1))),
    );
    const others = await Promise.all(
      Array.from({ length: 12 }, async (_, at) =>
        printOfJpeg(await scene(at + 1, { size: 336, quality: 40 })),
      ),
    );
    for (const [at, print] of prints.entries()) {
      expect(print).toMatch(/^[0-9a-f]{16}$/);
      expect(distance(print, others[at])).toBeLessThanOrEqual(3);
      for (const [number, other] of prints.entries())
        if (number !== at) expect(distance(print, other)).toBeGreaterThan(6);
    }
  });

  it("says that nothing is on it, or that it is none", async () => {
    expect(await printOfJpeg(await black)).toBe("flat");
    const fallOff =
      '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/><stop offset="1"/></linearGradient></defs><rect width="64" height="64" fill="url(#g)"/></svg>';
    expect(await printOfJpeg(await sharp(Buffer.from(fallOff)).jpeg().toBuffer())).toBe("flat");
    expect(await printOfJpeg(Buffer.from(fallOff))).toBe("unreadable");
    expect(await printOfJpeg((await scene(1)).subarray(0, 300))).toBe("unreadable");
  });
});

describe("the prints of a shard", () => {
  it("are of the first, middle and last frame, and are read from the tar once", async () => {
    await using folder = await tempFolder();
    const records = openRecords(await openStore(folder.path), "toy");
    const frames = await Promise.all([1, 2, 3, 4].map((number) => scene(number)));
    const [one = Buffer.of(), two = Buffer.of(), , four = Buffer.of()] = frames;
    const hash = await writeShard(records, [
      clip("toy-p0000-000000", frames),
      clip("toy-p0000-000001", [one]),
      clip("toy-p0000-000002", [await black, two, await black]),
    ]);
    let decoded = 0;
    const printOf = (jpeg: Uint8Array): Promise<string> => {
      decoded += 1;
      return printOfJpeg(jpeg);
    };
    const shard = { shard: "toy-p0000-0000", sha256: hash, media: "video" } as const;
    const { samples, isMade } = await printsOfShard(records, shard, { signal: never, printOf });
    const [a, b, d] = await Promise.all([one, two, four].map(printOfJpeg));
    expect(samples).toEqual([
      { key: "toy-p0000-000000", pictures: [one, two, four].map(sha256), frames: [a, b, d] },
      { key: "toy-p0000-000001", pictures: [sha256(one)], frames: [a, a, a] },
      { key: "toy-p0000-000002", pictures: [sha256(two)], frames: ["flat", b, "flat"] },
    ]);
    expect([isMade, decoded]).toEqual([true, 7]);

    const again = await printsOfShard(records, shard, { signal: never, printOf });
    expect(again).toEqual({ samples, isMade: false });
    expect(decoded).toBe(7);

    // Of a tar that was made anew, and of a file that was cut: made again.
    await printsOfShard(records, { ...shard, sha256: "0".repeat(64) }, { signal: never, printOf });
    expect(decoded).toBe(14);
    const path = records.paths.prints(shard.shard);
    const kept = Buffer.from((await records.store.read(path)) ?? []).toString();
    await records.store.put(path, kept.slice(0, -40));
    expect(
      (await printsOfShard(records, { ...shard, sha256: "0".repeat(64) }, { signal: never, printOf }))
        .samples,
    ).toEqual(samples);
    expect(decoded).toBe(21);

    await records.removeShard(shard.shard);
    expect(await records.store.stat(path)).toBeNull();
  });

  it("of pictures are their hashes alone: nothing is decoded, and a placeholder shows nothing", async () => {
    await using folder = await tempFolder();
    const records = openRecords(await openStore(folder.path), "toy");
    const [one, two] = [await scene(1), await scene(2)];
    const hash = await writeShard(records, [
      clip("toy-p0000-000000", [one, two, one]),
      clip("toy-p0000-000001", [await black], { is_text_only: true }),
    ]);
    const printOf = (): never => {
      throw new Error("decoded");
    };
    const shard = { shard: "toy-p0000-0000", sha256: hash, media: "images" } as const;
    expect((await printsOfShard(records, shard, { signal: never, printOf })).samples).toEqual([
      { key: "toy-p0000-000000", pictures: [one, two].map(sha256), frames: [] },
      { key: "toy-p0000-000001", pictures: [], frames: [] },
    ]);
  });
});
