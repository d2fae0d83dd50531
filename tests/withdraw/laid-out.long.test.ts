import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LayoutHouse } from "../layouts/layout-house.ts";
import { samplesByKey } from "../support/build-status.ts";
import { shardHashes } from "../support/read-shards.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";

/** Clips that are laid out: one that is withdrawn from their origin is in no list, index or layout, whichever was made first. */
let house: LayoutHouse;
const gone = "openvid-p0001-000002";
const layouts = { packed: [], fixed: ["--frames", "2"] } as const;
const names = Object.keys(layouts) as (keyof typeof layouts)[];

beforeAll(async () => {
  house = await LayoutHouse.open();
  mustDo(await house.build(null));
  for (const name of names) mustDo(await house.layout(name, name, ...layouts[name]));
  mustDo(await withdraw("openvid-1m", gone));
});
afterAll(() => house.close());

function mustDo({ code, stdout, stderr }: Ended): string {
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

const withdraw = (output: string, ...more: string[]): Promise<Ended> =>
  shardmill(["withdraw", house.folder(output), ...more]);

/** Lists and indexes that name it as something to read, of all files that are no tar. */
function naming(output: string): string[] {
  const folder = house.folder(output);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && !file.parentPath.includes(".shardmill") && !file.name.endsWith(".tar"))
    .map((file) => join(file.parentPath, file.name));
  const excluded = new RegExp(`^\\s*- "?[^ ]*\\.tar/${gone}"?$`, "gm");
  return files.filter((file) => {
    if (file.endsWith("withdrawn.txt")) return false;
    return readFileSync(file, "latin1").replace(excluded, "").includes(gone);
  });
}

/** How many samples a shard has for Energon, and by DALI's index. */
function counted(output: string): { energon: number; dali: number } {
  const shard = `${output}-p0001-0000`;
  const read = (path: string): string => readFileSync(join(house.folder(output), path), "utf8");
  const { shard_counts: counts } = JSON.parse(read(".nv-meta/.info.json")) as {
    shard_counts: Record<string, number>;
  };
  return {
    energon: counts[`${shard}.tar`] ?? 0,
    dali: Number(read(`dali/${shard}.idx`).split("\n")[0]?.split(" ")[1]),
  };
}

describe.each(names)("a layout that was made before: %s", (name) => {
  const verify = (): Promise<Ended> => shardmill(["verify", house.folder(name), "--deep"]);

  it("is told to hold it, and leaves it out of all that names samples when it is asked to", async () => {
    expect(await verify()).toMatchObject({ code: 1, stdout: expect.stringContaining(gone) });
    expect(mustDo(await withdraw(name))).toContain("1 sample");
    mustDo(await verify());
    expect(naming(name)).toEqual([]);
    expect(readFileSync(join(house.folder(name), "withdrawn.txt"), "utf8")).toBe(`${gone}\n`);
    expect(readFileSync(join(house.folder(name), ".nv-meta/split.yaml"), "utf8")).toContain(gone);
    expect(counted(name)).toEqual({ energon: 6, dali: 5 });
  });

  it("is made again without it, as one that is made afterwards", async () => {
    mustDo(await withdraw(name, "--rewrite"));
    mustDo(await verify());
    expect(naming(name)).toEqual([]);
    expect(samplesByKey(house.folder(name)).has(gone)).toBe(false);
    expect(counted(name)).toEqual({ energon: 5, dali: 5 });
    // The origin's tar holds it still.
    expect(samplesByKey(house.folder("openvid-1m")).has(gone)).toBe(true);
    const later = `${name}-later`;
    mustDo(await house.layout(name, later, ...layouts[name]));
    mustDo(await shardmill(["verify", house.folder(later), "--deep"]));
    expect(naming(later)).toEqual([]);
    expect(Object.values(shardHashes(house.folder(later)))).toEqual(
      Object.values(shardHashes(house.folder(name))),
    );
    expect(counted(later)).toEqual({ energon: 5, dali: 5 });
  });
});
