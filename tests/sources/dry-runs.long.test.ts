import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { filesOf } from "../support/files-of.ts";
import { ChangedHouse, captionsCsv, put } from "./changed-house.ts";
import { captionsOf, edited, kinds } from "./changed-walk.ts";

/** Whoever only asks changes nothing, also of an output whose source has changed since. */
let house: ChangedHouse;
beforeAll(async () => {
  house = await ChangedHouse.open();
});
afterAll(() => house.close());

it("no dry run and no look writes into the output, or into its records", async () => {
  const source = join(house.scratch, "source");
  const out = house.newOut();
  const files = (await kinds.zips?.()) ?? {};
  await put(source, { ...files, "captions.csv": captionsCsv(captionsOf()) });
  const built = await house.run(["build", "zips", "--out", out, "--source", source]);
  expect(built.code, built.stderr).toBe(0);
  await put(source, { "captions.csv": captionsCsv(captionsOf(edited)) });
  await rm(join(out, "zips/zips-p0000-0001.tar"));
  const before = await filesOf(out);
  const tar = join(out, "zips/zips-p0000-0000.tar");
  for (const args of [
    ["retry", "zips", "--stale", "--dry-run", "--out", out],
    ["retry", "zips", "--missing", "--all", "--dry-run", "--out", out],
    ["retry", "zips", "--failed", "--dry-run", "--out", out],
    ["retry", "zips", "--failed-samples", "--dry-run", "--out", out],
    ["retry", "zips", "--corrupt", "--dry-run", "--out", out],
    ["plan", "zips", "--source", source, "--exact"],
    ["status", "zips", "--out", out],
    ["failures", "zips", "--out", out],
    ["verify", join(out, "zips"), "--deep"],
    ["inspect", tar],
  ]) {
    const { code, stderr } = await house.run(args);
    expect([0, 1], `${args.join(" ")}: ${stderr}`).toContain(code);
    expect(await filesOf(out), args.join(" ")).toEqual(before);
  }
});
