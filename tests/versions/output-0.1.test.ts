import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OldOutput } from "./old-output.ts";

/** What can still be done with an output of 0.1, and what is refused. */
let old: OldOutput;

beforeEach(async () => {
  old = await OldOutput.open();
});
afterEach(() => old.close());

describe("an output of 0.1", () => {
  it("is shown with its books: parts, counts, what was left out and why", async () => {
    const status = await old.run("status", "old", "--out", old.out);
    expect(status).toMatchObject({ code: 0, stderr: "" });
    expect(status.stdout).toContain("7 members = 5 packed + 1 failed + 1 skipped; 0 annotations unmatched");
    expect(status.stdout).toContain("5 samples, 10 frames, 41.0 kB");
    const failures = await old.run("failures", "old", "--out", old.out);
    expect(failures.code).toBe(0);
    expect(failures.stdout).toMatch(/p0000 {2}without-caption.mp4 {2}no_annotation/);
    expect(failures.stdout).toMatch(/p0001 {2}noise.mp4 {2}decode_error/);
  });

  it("is verified to the last frame, and damage in it is found", async () => {
    const whole = await old.run("verify", old.folder, "--deep");
    expect(whole.stdout).toContain("4 shards, 5 samples, no problem found");
    expect(whole.code).toBe(0);
    await appendFile(join(old.folder, "old-p0001-r01.tar"), "x");
    const damaged = await old.run("verify", old.folder);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toContain("old-p0001-r01");
  });

  it("is inspected: its samples, and the metadata of one", async () => {
    const shard = join(old.folder, "old-p0000-0000.tar");
    const samples = await old.run("inspect", shard);
    expect(samples.code, samples.stderr).toBe(0);
    const [key] = samples.stdout.match(/old-p0000-\d{6}/) ?? [];
    const sample = await old.run("inspect", shard, String(key));
    expect(sample.code, sample.stderr).toBe(0);
    expect(sample.stdout).toContain("A box moves in a.");
  });

  it("is written into by nothing but a rebuild: one line names 0.1 and the way on", async () => {
    const before = await old.files();
    const out = ["--out", old.out];
    for (const args of [
      ["build", "old", "--source", old.source, ...out],
      ["retry", "old", "--missing", ...out],
      ["retry", "old", "--failed-samples", ...out],
      ["retry", "old", "--stale", "--source", old.source, ...out],
      ["retry", "old", "--missing", "--all", "--dry-run", ...out],
      ["adopt", "old", "--parts", "0", ...out],
    ]) {
      const refused = await old.run(...args);
      expect(refused.code, args.join(" ")).toBe(3);
      const [last] = refused.stderr.trimEnd().split("\n").slice(-1);
      expect(last).toContain("this output was made by Shardmill 0.1.0, whose samples have another form");
      expect(last).toContain("(recipe_changed): use --rebuild, or another --out");
      expect(refused.stderr).not.toContain("    at ");
    }
    const withdrawn = await old.run("withdraw", join(old.out, "old"), "--member", "a.mp4");
    expect(withdrawn.code).toBe(2);
    expect(withdrawn.stderr).toContain("make it anew (build old with --rebuild), then withdraw");
    expect(await old.files()).toEqual(before);
  });
});
