// A folder as people have it: clips and a table beside them. Nothing is edited between `probe` and the shards.
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { jsonOf, readSamples } from "../support/read-shards.ts";
import { shardmill } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-own-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it("is tried by probe --add --build, and becomes shards by build, as the estimate said", async () => {
  const folder = join(scratch, "My clips");
  const names = ["one.mp4", "день/two.mp4", "день/three.mp4"];
  mkdirSync(join(folder, "день"), { recursive: true });
  const clips = await makeClips(names.length);
  names.forEach((name, i) => {
    writeFileSync(join(folder, name), clips[i] ?? "");
  });
  writeFileSync(
    join(folder, "metadata.csv"),
    'file_name,text\none.mp4,first\nдень/two.mp4,"second, longer"\n',
  );

  const environment = { XDG_CONFIG_HOME: join(scratch, "config") };
  const out = join(scratch, "out");
  const added = await shardmill(["probe", folder, "--add", "--build", "--out", out], environment);
  expect(added.code, added.stderr).toBe(0);
  expect(added.stdout).toContain("2 samples of 1 part; its shards are of a recipe of their own");
  expect(added.stdout).toMatch(/ time +about /);
  expect(added.stdout).toContain(`shardmill build my-clips --source '${folder}' --out ${out}`);
  expect(readFileSync(join(out, "my-clips-try.png")).subarray(1, 4).toString()).toBe("PNG");
  const built = await shardmill(["build", "my-clips", "--source", folder, "--out", out], environment);
  expect(built.code, built.stderr).toBe(0);
  expect(built.stdout).toMatch(/samples 2, within what was estimated: 2 /);
  expect(built.stdout).toMatch(/disk +\S+ kB, within what was estimated/);
  expect(built.stdout).toContain("3 members = 2 packed + 0 failed + 1 skipped");
  const samples = readSamples(join(out, "my-clips/my-clips-p0000-0000.tar")).map(jsonOf);
  expect(samples.map(({ caption }) => caption)).toEqual(["first", "second, longer"]);
});

it("is not taken for another folder of its name, whose entry lies beside the output", async () => {
  const out = join(scratch, "shared");
  const [clip = ""] = await makeClips(1);
  const [first = "", second = ""] = ["first", "second"].map((of) => {
    const folder = join(scratch, of, "clips");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "a.mp4"), clip);
    writeFileSync(join(folder, "a.txt"), of);
    return folder;
  });
  const built = await shardmill(["build", first, "--out", out, "--workers", "1"]);
  expect(built.code, built.stderr).toBe(0);
  const other = await shardmill(["build", second, "--out", out, "--workers", "1"]);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining(`is the entry of ${first}`)]);
  // Moved, it is the same folder.
  renameSync(first, join(scratch, "first/moved"));
  mkdirSync(join(scratch, "third"));
  renameSync(join(scratch, "first/moved"), join(scratch, "third/clips"));
  const moved = await shardmill(["build", join(scratch, "third/clips"), "--out", out, "--workers", "1"]);
  expect(moved.code, moved.stderr).toBe(0);
  // On another machine there is no telling by the path.
  const entry = join(out, "clips.yaml");
  const kept = readFileSync(entry, "utf8").replace(/^# on \S+/m, "# on elsewhere.00000000");
  writeFileSync(entry, kept);
  const strange = await shardmill(["build", second, "--out", out, "--workers", "1"]);
  const said = `is the entry of ${first} on elsewhere, with other files`;
  expect([strange.code, strange.stderr]).toEqual([2, expect.stringContaining(said)]);
  const known = await shardmill(["build", join(scratch, "third/clips"), "--out", out, "--workers", "1"]);
  expect(known.code, known.stderr).toBe(0);
});

it("is drafted with exit 1 and a line of what is missing, where it cannot be built", async () => {
  const folder = join(scratch, "without endings");
  mkdirSync(folder);
  writeFileSync(join(folder, "clip"), (await makeClips(1))[0] ?? "");
  const probed = await shardmill(["probe", folder]);
  expect([probed.code, probed.stdout]).toEqual([1, expect.stringContaining("name: without-endings")]);
  expect(probed.stderr).toMatch(/cannot be built yet: .*the endings of its files/);
});
