// A folder as people have it: clips and a table beside them. Nothing is edited between `probe` and the shards.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
