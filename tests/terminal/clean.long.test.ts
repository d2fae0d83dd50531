import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noCounts, supplementName } from "@shardmill/core";
import { acquireBuildLock, openRecords, openStore, temporaryName, thisProcess } from "@shardmill/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles, writeFiles } from "../support/openvid-mirror.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-clean-"));
const out = join(scratch, "out");
const cache = join(scratch, "cache");
const name = "openvid-1m";
const folder = join(out, name);
let source = "";
const clean = (...words: string[]) => shardmill(["clean", ...words, "--out", out]);

interface Thing {
  readonly where: string;
  readonly what: string;
  readonly files: number;
  readonly bytes: number;
}

async function things(...words: string[]): Promise<Thing[]> {
  return (await shardmillJson<{ things: Thing[] }>(["clean", ...words, "--out", out])).things;
}

async function kindsOf(output: string): Promise<string[]> {
  return (await things()).flatMap(({ where, what }) => (where === output ? [what] : []));
}

beforeAll(async () => {
  const clips = await makeClips(3);
  const broken = { name: "x/broken.mp4", bytes: (clips[2] ?? Buffer.alloc(0)).subarray(0, 900) };
  const parts = [{ part: 72, members: [...membersOf(72, clips, 3), broken] }];
  source = await writeFiles(join(scratch, "mirror"), await openvidFiles(parts));
  const build = (...more: string[]) =>
    shardmill(["build", name, "--parts", "72", "--source", source, "--out", out, "--workers", "1", ...more]);
  expect((await build()).code).toBe(1);
  expect((await build("--as", "second")).code).toBe(1);
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("clean", () => {
  it("shows what lies where and removes nothing by itself", async () => {
    const before = await things();
    expect(await kindsOf(name)).toEqual(["shards", "lists", "records", "indexes", "logs"]);
    const { stdout } = await clean();
    expect(stdout).toMatch(/^where +what +files +size\nopenvid-1m +shards +\d+ +\d/);
    expect(stdout).toMatch(/second +shards/);
    expect(before.some(({ what }) => what === "unknown")).toBe(false);
  });

  it("asks first, and where nobody can be asked it wants --yes", async () => {
    const before = await things();
    const asked = await clean(name, "--remove", "build");
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain("nothing was removed: say yes, or give --yes");
    expect((await clean("--remove", "build", "--yes")).stderr).toContain("name the builds");
    expect((await clean("--remove", "everything", "--yes")).stderr).toContain("known are build, supplements");
    expect((await clean("thrid", "--remove", "build", "--yes")).stderr).toContain(
      "there is no build of thrid",
    );
    expect((await clean("--remove", "cache", "--yes")).stderr).toContain("--cache");
    expect(await things()).toEqual(before);
  });

  it("removes what a dead process left, and what is made again when it is needed", async () => {
    const dead = temporaryName("x.tar", { ...thisProcess(), pid: 4_000_000 });
    const living = temporaryName("y.tar");
    for (const file of [dead, living]) writeFileSync(join(folder, file), "bytes");
    const draft = join(folder, ".shardmill/drafts", `${name}-p0072-0009~12345678`);
    mkdirSync(draft, { recursive: true });
    writeFileSync(join(draft, "shard.tar"), "made and not committed");
    const ended = await clean(name, "--remove", "temporaries,indexes,logs", "--yes");
    expect(ended.code, ended.stderr).toBe(0);
    expect([dead, living].map((file) => existsSync(join(folder, file)))).toEqual([false, true]);
    expect(existsSync(draft)).toBe(false);
    rmSync(join(folder, living));
    expect(await kindsOf(name)).toEqual(["shards", "lists", "records"]);
    expect(await kindsOf("second")).toContain("indexes");
    const retried = await shardmill(["retry", name, "--missing", "--dry-run", "--out", out]);
    expect(retried.code, retried.stderr).toBe(0);
  });

  it("removes supplements and what a cache keeps, but no other file there", async () => {
    const records = openRecords(await openStore(out), name);
    const [manifest] = await records.listManifests();
    if (manifest === undefined) throw new Error("no shard");
    const shard = supplementName(name, manifest, 1);
    copyFileSync(join(folder, `${manifest.shard}.tar`), join(folder, `${shard}.tar`));
    await records.writeManifest({ ...manifest, shard, range: null, supplement: 1, supersedes: noCounts });
    const key = "a".repeat(64);
    mkdirSync(cache);
    for (const file of [`${key}-16777216.partial`, `${key}-16777216.have`, `${key}.whole`, "mine.whole"])
      writeFileSync(join(cache, file), "bytes");
    writeFileSync(join(cache, `${key}.open.lock`), "somebody");
    const ended = await clean(name, "--cache", cache, "--remove", "supplements,cache", "--yes");
    expect(ended.stdout).toMatch(/openvid-1m +supplements +1 +\d.*remove/);
    expect(ended.stdout).toMatch(/cache +cache +3 .*remove/);
    expect(ended.stderr).toContain("is being read: left alone");
    expect(ended.code, ended.stderr).toBe(1);
    expect(readdirSync(cache).sort()).toEqual([`${key}.open.lock`, `${key}.whole`, "mine.whole"]);
    expect((await records.listManifests()).map((one) => one.shard)).toEqual([manifest.shard]);
    expect(readFileSync(join(folder, "shardlist.txt"), "utf8")).toBe(`${manifest.shard}.tar\n`);
    expect((await shardmill(["verify", folder])).code).toBe(0);
  });

  it("removes drafts by what they hold, and no other file beside the outputs", async () => {
    mkdirSync(join(scratch, "clips"));
    writeFileSync(join(scratch, "clips/a.txt"), "A clip.");
    writeFileSync(join(scratch, "clips/a.mp4"), (await makeClips(1))[0] ?? "");
    const small = await shardmill(["build", join(scratch, "clips"), "--limit", "1", "--out", out]);
    expect(small.code, small.stderr).toBe(0);
    writeFileSync(join(out, "notes.yaml"), "mine: true\n");
    writeFileSync(join(out, "clips.json"), "{}\n");
    for (const sheet of ["clips-try.png", "second-try.png"]) writeFileSync(join(out, sheet), "a picture");
    const drafts = (await things()).filter(({ what }) => what === "drafts").map(({ where }) => where);
    expect(drafts).toEqual(["clips-try.estimate.json", "clips-try.png", "clips.yaml"]);
    expect((await clean("--remove", "drafts", "--yes")).code).toBe(0);
    const left = readdirSync(out).filter((file) => /\.(yaml|json|png)$/.test(file));
    // A picture of somebody's own, whatever its name.
    expect(left).toEqual(["clips.json", "notes.yaml", "second-try.png"]);
  });

  it("leaves a build alone that somebody works on", async () => {
    const records = openRecords(await openStore(out), name);
    const before = await things();
    const lock = await acquireBuildLock(records, { build: "mine" });
    try {
      const ended = await clean(name, "second", "--remove", "build", "--yes");
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/openvid-1m is being worked on \(process \d+ on /);
    } finally {
      await lock.release();
    }
    const kept = await things();
    const sizes = (all: readonly Thing[]) =>
      all.flatMap(({ where, what, files }) => (where === name && what !== "records" ? [[what, files]] : []));
    expect(sizes(kept)).toEqual(sizes(before));
    expect(kept.some(({ where }) => where === "second")).toBe(false);
    expect(existsSync(join(out, "second"))).toBe(false);
  });

  it("removes a build with all that Shardmill made, and not a file that it does not know", async () => {
    writeFileSync(join(folder, "my-notes.txt"), "mine");
    writeFileSync(join(folder, "my-own.tar"), "mine");
    mkdirSync(join(folder, ".shardmill/mine"));
    writeFileSync(join(folder, ".shardmill/mine/build.json"), "mine");
    const ended = await clean(name, "--remove", "build", "--yes");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain("openvid-1m still holds 3 files that Shardmill did not make");
    const left = readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : [],
    );
    expect(left.sort()).toEqual([".shardmill/mine/build.json", "my-notes.txt", "my-own.tar"]);
    expect(await kindsOf(name)).toEqual([]);
  });
});

describe("status without a name", () => {
  it("tells every build in a line, with what comes next", async () => {
    const other = join(scratch, "all");
    const build = (...more: string[]) =>
      shardmill(["build", name, "--source", source, "--out", other, "--workers", "1", ...more]);
    await build("--parts", "72", "--as", "a-build");
    mkdirSync(join(other, "broken/.shardmill"), { recursive: true });
    writeFileSync(join(other, "broken/.shardmill/build.json"), "{");
    mkdirSync(join(other, "no-build"));
    const { stdout, code } = await shardmill(["status", "--out", other]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^build +state +parts +samples +failed +size +next$/);
    expect(lines[1]).toMatch(/^a-build +done +1\/1 +3 +1 +\S+ kB +shardmill failures a-build --out /);
    expect(lines[2]).toMatch(/^broken +unreadable +0\/0 +0 +0 +\S.*build\.json/);
    expect(lines).toHaveLength(3);
    const told = await shardmillJson<{ builds: unknown[] }>(["status", "--out", other]);
    expect(told.builds).toMatchObject([
      {
        dataset: "a-build",
        state: "done",
        parts: { done: 1, asked: 1, failed: 0 },
        samples: 3,
        problem: null,
      },
      { dataset: "broken", state: "unreadable", next: null, problem: expect.stringContaining("build.json") },
    ]);
    expect((await shardmill(["status", "stage9", "--out", other])).stderr).toContain(
      "it has a-build, broken",
    );
    rmSync(join(other, "a-build/a-build-p0072-0000.tar"));
    rmSync(join(other, "a-build/.shardmill/manifests/a-build-p0072-0000.json"));
    expect((await shardmill(["status", "--out", other])).stdout).toContain(
      "shardmill retry a-build --missing",
    );
    expect((await shardmill(["status", "--out", join(scratch, "nowhere")])).code).toBe(2);
    expect((await shardmill(["status", "--out", other, "--watch"])).code).toBe(2);
    expect((await shardmill(["status", "--out", join(other, "no-build")])).stdout).toContain(
      "There is no build",
    );
  });

  it("shows what was made of several outputs, and removes of it what overlap wrote", async () => {
    const overlap = join(out, "overlaps", name, "second");
    mkdirSync(overlap, { recursive: true });
    mkdirSync(join(out, "mixes/stage1"), { recursive: true });
    for (const file of ["pairs.jsonl", "overlap.json", "sheet.png"]) writeFileSync(join(overlap, file), "x");
    writeFileSync(join(out, "mixes/stage1/mix.json"), "{}");
    const beside = async () => (await things()).filter(({ where }) => where.includes("/"));
    expect(await beside()).toMatchObject([
      { where: `overlaps/${name}`, what: "overlaps", files: 3, bytes: 3 },
      { where: "mixes/stage1", what: "mixes", files: 1, bytes: 2 },
    ]);
    writeFileSync(join(overlap, "notes.txt"), "mine");
    expect((await clean("--remove", "overlaps", "--yes")).code).toBe(0);
    expect(readdirSync(overlap)).toEqual(["notes.txt"]);
    rmSync(join(overlap, "notes.txt"));
    expect((await clean("--remove", "overlaps", "--yes")).code).toBe(0);
    expect(existsSync(join(out, "mixes/stage1/mix.json"))).toBe(true);
    rmSync(join(out, "mixes"), { recursive: true });
    rmSync(join(out, "overlaps"), { recursive: true, force: true });
  });
});
