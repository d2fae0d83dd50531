import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { OldOutput } from "./old-output.ts";

/** An output that a version after this one has written into. */
let old: OldOutput;

beforeEach(async () => {
  old = await OldOutput.open();
});
afterEach(() => old.close());

async function makeNewer(record: string): Promise<string> {
  const path = join(old.folder, ".shardmill", record);
  const { version: _, ...rest } = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ version: 3, ...rest }));
  return `the record old/.shardmill/${record} is of a newer Shardmill: it has version 3, and this one reads up to 2`;
}

it("is refused by each command in one line that names the record, and left as it is", async () => {
  const line = await makeNewer("build.json");
  const before = await old.files();
  const out = ["--out", old.out];
  for (const args of [
    ["status", "old", ...out],
    ["failures", "old", ...out],
    ["retry", "old", "--missing", ...out],
    ["build", "old", "--source", old.source, ...out],
    ["build", "old", "--source", old.source, "--rebuild", ...out],
    ["adopt", "old", "--parts", "0", ...out],
  ]) {
    const refused = await old.run(...args);
    expect(refused.stderr, args.join(" ")).toContain(line);
    expect(refused.stderr).toContain("(record_newer): use the Shardmill that wrote it, or a newer one");
    expect(refused.stderr).not.toContain("    at ");
    expect(refused.code).toBe(3);
  }
  expect(await old.files()).toEqual(before);
});

it("with one newer manifest is not made again: what commits a shard is no damage", async () => {
  const line = await makeNewer("manifests/old-p0000-0001.json");
  for (const args of [
    ["status", "old", "--out", old.out],
    ["verify", old.folder],
  ]) {
    const refused = await old.run(...args);
    expect(refused.stderr, args.join(" ")).toContain(line);
    expect(refused.code).toBe(3);
  }
});
