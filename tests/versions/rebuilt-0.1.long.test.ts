import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shardmillJson } from "../support/shardmill.ts";
import { OldOutput } from "./old-output.ts";

/** What a rebuild makes of an output of 0.1. */
let old: OldOutput;

beforeEach(async () => {
  old = await OldOutput.open();
});
afterEach(() => old.close());

describe("an output of 0.1", () => {
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
