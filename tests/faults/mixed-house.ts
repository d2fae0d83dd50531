import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import { stampOf } from "../../packages/sources/src/places/file-stamp.ts";
import { tarOf } from "../datasets/fixtures/tar.ts";
import { makeClips } from "../support/make-clips.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";

const entry = `name: mixed
title: A zip and a stream
keyPrefix: mixed
sourceName: mixed
license: CC-BY-4.0
source: { kind: folder }
parts:
  - { archive: zip, path: "clips_{part}.zip" }
  - { archive: tar.gz, path: "stream_{part}.tar.gz" }
media: video
annotations:
  kind: files
  files: [{ path: captions.jsonl, format: jsonl }]
  key: file
text: { adapter: caption, caption: text }
maxFailureShare: 1
recipe: { samplesPerShard: 3, media: video }
`;
const clipsInZip = 8;
const clipsInStream = 8;
/** These clips have damaged bytes when the build begins; a supplement of each part holds them afterwards. */
const damagedInZip = [1, 2, 5, 6];
const damagedInStream = [4, 7];

/**
 * A finished build with every kind of shard that there is: ranges of a zip and of a stream, and a supplement to each. Each
 * part has a file that is no video and a clip without a caption.
 */
export class MixedHouse {
  readonly dataset = "mixed";
  readonly scratch: string;
  readonly samples = clipsInZip + clipsInStream;
  readonly #source: string;

  private constructor(scratch: string, source: string) {
    this.scratch = scratch;
    this.#source = source;
  }

  static async open(): Promise<MixedHouse> {
    const scratch = await mkdtemp(join(tmpdir(), "shardmill-mixed-"));
    const clips = await makeClips(4);
    const named = (prefix: string, count: number) => [
      ...Array.from({ length: count }, (_, i) => ({
        name: `${prefix}_${i}.mp4`,
        bytes: clips[i % 4] ?? Buffer.of(),
      })),
      { name: `${prefix}_noise.mp4`, bytes: Buffer.from("no video, though its name says so") },
      { name: `${prefix}_unknown.mp4`, bytes: clips[0] ?? Buffer.of() },
    ];
    const inZip = named("zip", clipsInZip);
    const inStream = named("stream", clipsInStream);
    const captioned = [...inZip, ...inStream].filter(({ name }) => !name.includes("unknown"));
    const soundZip = await zip(inZip);
    const soundStream = stored(await tarOf(inStream));
    const source = await writeFiles(
      join(scratch, "source"),
      new Map([
        ["clips_72.zip", withDamage(soundZip)],
        ["stream_73.tar.gz", stored(await tarOf(inStream.map(withoutIndex)))],
        [
          "captions.jsonl",
          Buffer.from(
            captioned.map(({ name }) => `${JSON.stringify({ file: name, text: `Of ${name}.` })}\n`).join(""),
          ),
        ],
      ]),
    );
    const catalogue = join(scratch, "config/shardmill/datasets");
    await mkdir(catalogue, { recursive: true });
    writeFileSync(join(catalogue, "mixed.yaml"), entry);
    const house = new MixedHouse(scratch, source);
    await house.#finish(soundZip, soundStream);
    return house;
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }

  get out(): string {
    return join(this.scratch, "out");
  }

  folder(out: string = this.out): string {
    return join(out, this.dataset);
  }

  run(args: readonly string[]): Promise<Ended> {
    return shardmill(args, { XDG_CONFIG_HOME: join(this.scratch, "config") });
  }

  /** The stream's hash as it was kept when the disk still gave right bytes: a stream has no sums to be known by. */
  #keepHash(file: string, sound: Buffer): void {
    const records = join(this.folder(), ".shardmill");
    const stamp = stampOf(statSync(join(this.#source, file), { bigint: true }));
    const hash = createHash("sha256").update(sound).digest("hex");
    mkdirSync(records, { recursive: true });
    const hashes = { [`bytes ${file}`]: { stamp, hash } };
    writeFileSync(join(records, "hashes.json"), JSON.stringify({ version: 1, hashes }));
  }

  async #finish(soundZip: Buffer, soundStream: Buffer): Promise<void> {
    this.#keepHash("stream_73.tar.gz", soundStream);
    const built = await this.run(["build", "mixed", "--source", this.#source, "--out", this.out]);
    expect(built.code, built.stderr).toBe(1);
    writeFileSync(join(this.#source, "clips_72.zip"), soundZip);
    writeFileSync(join(this.#source, "stream_73.tar.gz"), soundStream);
    const retry = ["retry", "mixed", "--failed-samples", "--code", "bad_crc,decode_error,no_video_stream"];
    const retried = await this.run([...retry, "--out", this.out]);
    expect(retried.code, retried.stderr).toBe(1);
    for (const shard of ["mixed-p0072-r01", "mixed-p0073-r01"])
      expect(readFileSync(join(this.folder(), `${shard}.tar`)).length).toBeGreaterThan(10_000);
  }
}

/** Sizes and directory stay, as with a disk that gives wrong bytes for a while. */
function withDamage(sound: Buffer): Buffer {
  const bytes = Buffer.from(sound);
  for (const index of damagedInZip) {
    const name = `zip_${index}.mp4`;
    // The first mention of a name is in its local header, right before the data.
    const at = sound.indexOf(name) + name.length + 60;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  }
  return bytes;
}

/** A clip whose index is not where it should be: as long as before, and of no use. */
function withoutIndex({ name, bytes }: { name: string; bytes: Buffer }, position: number) {
  if (!damagedInStream.includes(position)) return { name, bytes };
  const damaged = Buffer.from(bytes);
  damaged.write("xxxx", bytes.indexOf("moov"), "latin1");
  return { name, bytes: damaged };
}

/** Not compressed, so that it has one size whatever its bytes are. */
function stored(tar: Buffer): Buffer {
  return gzipSync(tar, { level: 0 });
}
