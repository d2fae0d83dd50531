// A folder as people have it: clips and a table beside them. Nothing is edited between `probe` and the shards.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeClips } from "../support/make-clips.ts";
import { jsonOf, readSamples } from "../support/read-shards.ts";
import { shardmill } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-own-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it("becomes shards by probe --add and build", async () => {
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
  const added = await shardmill(["probe", folder, "--add"], environment);
  expect(added.code, added.stderr).toBe(0);
  expect(added.stdout).toContain(`shardmill build my-clips --source '${folder}' --out DIR`);
  const out = join(scratch, "out");
  const built = await shardmill(["build", "my-clips", "--source", folder, "--out", out], environment);
  expect(built.code, built.stderr).toBe(0);
  expect(built.stdout).toContain("3 members = 2 packed + 0 failed + 1 skipped");
  const samples = readSamples(join(out, "my-clips/my-clips-p0000-0000.tar")).map(jsonOf);
  expect(samples.map(({ caption }) => caption)).toEqual(["first", "second, longer"]);
}, 180_000);
