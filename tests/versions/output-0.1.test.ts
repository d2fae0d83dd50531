import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shardmillJson } from "../support/shardmill.ts";
import { OldOutput } from "./old-output.ts";

/** What can still be done with an output of 0.1, and what is refused. */
let old: OldOutput;
vi.setConfig({ testTimeout: 120_000 });

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
      ["retry", "old", "--all", "--dry-run", ...out],
      ["adopt", "old", "--parts", "0", ...out],
    ]) {
      const refused = await old.run(...args);
      expect(refused.code, args.join(" ")).toBe(3);
      const [last] = refused.stderr.trimEnd().split("\n").slice(-1);
      expect(last).toContain("this output was made by Shardmill 0.1.0, whose samples have another form");
      expect(last).toContain("(recipe_changed): use --rebuild, or another --out");
      expect(refused.stderr).not.toContain("    at ");
    }
    expect(await old.files()).toEqual(before);
  });

  it("is replaced by a rebuild: nothing of the old form stands afterwards", async () => {
    const built = await old.run("build", "old", "--source", old.source, "--out", old.out, "--rebuild");
    // 1 for the clip that is no video.
    expect(built.code, built.stderr).toBe(1);
    expect((await old.run("verify", old.folder, "--deep")).code).toBe(0);
    for (const kind of ["plans", "manifests", "parts", "annotations"]) {
      const folder = join(old.folder, ".shardmill", kind);
      for (const name of (await readdir(folder)).filter((file) => file.endsWith(".json")))
        expect(JSON.parse(await readFile(join(folder, name), "utf8"))).toMatchObject({ version: 2 });
    }
    expect(await readdir(old.folder)).not.toContain("old-p0001-r01.tar");
    const { parts } = await shardmillJson<{ parts: unknown }>(
      ["status", "old", "--out", old.out],
      old.environment,
    );
    expect(parts).toMatchObject([{ state: "done" }, { state: "done" }, { state: "absent" }]);
  });

  it("of which some parts were rebuilt has the others as stale, by name, and verify tells them", async () => {
    const args = ["build", "old", "--parts", "0", "--source", old.source, "--out", old.out, "--rebuild"];
    const built = await old.run(...args);
    expect(built.code, built.stderr).toBe(0);
    const { parts } = await shardmillJson<{ parts: unknown }>(
      ["status", "old", "--out", old.out],
      old.environment,
    );
    expect(parts).toMatchObject([{ state: "done" }, { state: "stale" }, { state: "absent" }]);
    const mixed = await old.run("verify", old.folder);
    expect(mixed.code).toBe(1);
    expect(mixed.stdout).toContain(
      "of another recipe than the build's: p0001; retry --stale makes them again",
    );
    const again = await old.run("retry", "old", "--stale", "--out", old.out);
    expect(again.code, again.stderr).toBe(1);
    expect((await old.run("verify", old.folder, "--deep")).code).toBe(0);
  });
});
