import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { readSamples } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import type { Status } from "./mill-house.ts";

/** Thirty samples that fail for a while: their bytes in the archive are damaged, and later repaired. */
const planted = 30;
const name = (index: number) => `videos_72/clip_${index}.mp4`;
let scratch: string;
let source: string;
let archive: string;
let sound: Buffer;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-failed-samples-"));
  const clips = await makeClips(4);
  const members = Array.from({ length: 40 }, (_, i) => ({
    name: name(i),
    bytes: clips[i % 4] ?? Buffer.alloc(0),
  }));
  members.push({ name: "videos_72/noise.mp4", bytes: Buffer.from("never a video") });
  source = await writeFiles(join(scratch, "mirror"), await openvidFiles([{ part: 72, members }]));
  archive = join(source, "OpenVid_part72.zip");
  sound = readFileSync(archive);
  writeFileSync(
    archive,
    withDamage(sound, (index) => index % 4 !== 3),
  );
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Sizes and directory stay, as with a disk or a mirror that gives wrong bytes for a while. */
function withDamage(zip: Buffer, isHit: (index: number) => boolean): Buffer {
  const damaged = Buffer.from(zip);
  for (let index = 0; index < 40; index += 1) {
    // The first mention of a name is in its local header, right before the data.
    const at = zip.indexOf(`${name(index)}`) + name(index).length + 60;
    if (isHit(index)) damaged[at] = (damaged[at] ?? 0) ^ 0xff;
  }
  return damaged;
}

const out = () => join(scratch, "out");
const folder = () => join(out(), "openvid-1m");
const status = () => shardmillJson<Status>(["status", "openvid-1m", "--out", out()]);
const part = async () => (await status()).parts.find(({ label }) => label === "p0072");

/** Every tar, index, manifest and ledger with its time and content. */
function picture(): Record<string, string> {
  const folders = [".", "dali", ".shardmill/manifests", ".shardmill/ledger"];
  const files = folders.flatMap((under) =>
    readdirSync(join(folder(), under)).map((file) => join(folder(), under, file)),
  );
  const shards = files.filter((file) => /openvid-1m-p0072-/.test(file));
  return Object.fromEntries(
    shards.map((file) => {
      const { mtimeMs, ino } = statSync(file);
      return [file, `${ino} ${mtimeMs} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`];
    }),
  );
}

describe("retry --failed-samples", () => {
  it("packs exactly the samples that failed for a while, and touches nothing else", async () => {
    const args = ["build", "openvid-1m", "--parts", "72", "--source", source, "--out", out()];
    const built = await shardmill([...args, "--set", "samplesPerShard=10", "--workers", "2"]);
    expect(built.code, built.stderr).toBe(1);
    expect(await part()).toMatchObject({ state: "done", members: 41, packed: 10, failed: 31 });
    expect((await part())?.byCode).toMatchObject({ bad_crc: planted });

    // Still damaged: each is tried again, and fails again; the books count it once.
    const again = await shardmill(["retry", "openvid-1m", "--failed-samples", "--dry-run", "--out", out()]);
    expect(again.stdout).toMatch(/30 samples failed/);

    writeFileSync(archive, sound);
    const before = picture();
    const ended = await shardmill(["retry", "openvid-1m", "--failed-samples", "--out", out()]);
    // One sample is no video and stays failed.
    expect(ended.code, ended.stderr).toBe(1);
    const after = picture();
    for (const [file, was] of Object.entries(before)) expect(after[file], file).toBe(was);
    const added = Object.keys(after).filter((file) => !(file in before));
    // The tar, its two indexes, ledger and manifest.
    expect(added.length).toBe(5);
    expect(added.every((file) => file.includes("openvid-1m-p0072-r01"))).toBe(true);

    const samples = readSamples(join(folder(), "openvid-1m-p0072-r01.tar"));
    const wanted = Array.from({ length: 40 }, (_, i) => i).filter((i) => i % 4 !== 3);
    expect(samples.map(({ key }) => key)).toEqual(
      wanted.map((i) => `openvid-p0072-${String(i).padStart(6, "0")}`),
    );
    expect(await part()).toMatchObject({
      state: "done",
      members: 41,
      packed: 40,
      failed: 1,
      samples: 40,
      shards: { done: 5, total: 5 },
    });
    expect(await shardmillJson(["verify", folder()])).toMatchObject({ ok: true, samples: 40, problems: [] });
  });

  it("has nothing to do the second time", async () => {
    const before = picture();
    const ended = await shardmill(["retry", "openvid-1m", "--failed-samples", "--out", out()]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(/Nothing to do/);
    expect(picture()).toEqual(before);
  });

  it("tries codes that never change their mind only when they are named", async () => {
    const ended = await shardmill([
      ...["retry", "openvid-1m", "--failed-samples", "--code", "decode_error,no_video_stream"],
      ...["--out", out()],
    ]);
    expect(ended.code, ended.stderr).toBe(1);
    // Tried again and failed again: counted once, with a supplement that holds nothing.
    expect(await part()).toMatchObject({ members: 41, packed: 40, failed: 1 });
    expect(await shardmillJson(["verify", folder()])).toMatchObject({ ok: true, problems: [] });
  });
});
