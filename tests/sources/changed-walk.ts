import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { tarGzOf, tarOf } from "../datasets/fixtures/tar.ts";
import { tarIdentities } from "../support/read-shards.ts";
import { zip } from "../support/zip.ts";
import { type ChangedHouse, captionsCsv, picture } from "./changed-house.ts";

const perPart = 6;
const nameOf = (part: number, at: number): string => `pic_${part}_${at}.png`;

/** Two parts of six pictures; `seed` changes what is in the second part's third picture, and no size. */
export async function members(part: number, seed = 0) {
  return Promise.all(
    Array.from({ length: perPart }, async (_, at) => ({
      name: nameOf(part, at),
      bytes: await picture(part * 10 + at + (part === 1 && at === 2 ? seed : 0)),
    })),
  );
}

export function captionsOf(edits: Readonly<Record<string, string>> = {}): Record<string, string> {
  const names = [0, 1].flatMap((part) => Array.from({ length: perPart }, (_, at) => nameOf(part, at)));
  return { ...Object.fromEntries(names.map((name) => [name, `The picture ${name}.`])), ...edits };
}

export type Files = Record<string, Uint8Array | string>;
export const kinds: Record<string, (seed?: number) => Promise<Files>> = {
  zips: async (seed) => ({
    "part_0.zip": await zip(await members(0)),
    "part_1.zip": await zip(await members(1, seed)),
  }),
  tars: async (seed) => ({
    "part_0.tar": await tarOf(await members(0)),
    "part_1.tar": await tarOf(await members(1, seed)),
  }),
  targzs: async (seed) => ({
    "part_0.tar.gz": await tarGzOf(await members(0)),
    "part_1.tar.gz": await tarGzOf(await members(1, seed)),
  }),
};

export const edited = { [nameOf(1, 3)]: "Another caption." };
export const verifyOf = (house: ChangedHouse, name: string, out: string) =>
  house.json<{ ok: boolean; problems: { code: string; detail: string }[] }>(["verify", join(out, name)]);
export const cure = (name: string, out: string): string => `shardmill retry ${name} --stale --out ${out}`;
export const made = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(after).filter((tar) => before[tar] !== after[tar]);

/** The same walk for a folder and for a Hub: `change` brings other files about, `args` and `environment` name the source. */
export async function walk(
  house: ChangedHouse,
  name: string,
  out: string,
  change: (files: Files) => Promise<string | null>,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const build = () => house.run(["build", name, "--out", out, ...args, "--workers", "1"], environment);
  const retry = (...more: string[]) =>
    house.run(["retry", name, "--stale", "--out", out, ...more], environment);
  const first = await change({ "captions.csv": captionsCsv(captionsOf()), ...(await kinds[name]?.()) });
  const begun = await build();
  expect(begun.code, begun.stderr).toBe(0);
  const folder = join(out, name);
  const tars = tarIdentities(folder);

  // Only the captions.
  const second = await change({ "captions.csv": captionsCsv(captionsOf(edited)) });
  const again = await build();
  expect(again.code, again.stderr).toBe(1);
  expect(again.stderr).toMatch(/p0000 is stale.*captions\.csv changed/);
  expect(again.stderr).toMatch(/p0001 is stale.*captions\.csv changed/);
  expect(again.stdout).toContain(cure(name, out));
  expect(again.stdout).not.toContain("--missing");
  expect(tarIdentities(folder)).toEqual(tars);
  expect(await house.parts(name, out)).toMatchObject({
    p0000: { state: "stale", revision: first, error: { code: "source_changed" } },
    p0001: { state: "stale", revision: first },
  });
  const dry = await retry("--dry-run");
  expect(dry.code, dry.stderr).toBe(0);
  expect(dry.stdout).toMatch(/p0001 +stale/);
  expect(tarIdentities(folder)).toEqual(tars);
  const cured = await retry();
  expect(cured.code, cured.stderr).toBe(0);
  expect(made(tars, tarIdentities(folder))).toEqual([`${name}-p0001-0001.tar`]);
  expect(house.captions(name, out)).toMatchObject(captionsOf(edited));
  expect(await house.parts(name, out)).toMatchObject({
    p0000: { state: "done", revision: second, error: null },
    p0001: { state: "done", revision: second },
  });
  expect(await verifyOf(house, name, out)).toMatchObject({ ok: true, problems: [] });
  const now = tarIdentities(folder);

  // Only one archive, and retry sees it by itself.
  const third = await change({ ...(await kinds[name]?.(7)) });
  const seen = await retry();
  expect(seen.code, seen.stderr).toBe(0);
  expect(seen.stderr).toMatch(/p0001: part_1\.\S+ changed/);
  expect(seen.stderr).not.toMatch(/p0000: /);
  expect(made(now, tarIdentities(folder)).map((tar) => tar.slice(name.length, name.length + 6))).toEqual(
    Array(3).fill("-p0001"),
  );
  expect(await house.parts(name, out)).toMatchObject({
    p0000: { state: "done", revision: second },
    p0001: { state: "done", revision: third },
  });
  const record = JSON.parse(readFileSync(join(folder, ".shardmill/build.json"), "utf8"));
  expect(record.source.revision).toBe(third);
  expect(record.parts.map((part: { revision: string | null }) => part.revision)).toEqual([second, third]);
  const revisions = readdirSync(join(folder, ".shardmill/manifests")).map((file) => {
    const { shard, made } = JSON.parse(readFileSync(join(folder, ".shardmill/manifests", file), "utf8"));
    return [shard.slice(name.length + 1), made.revision];
  });
  expect(Object.fromEntries(revisions)).toMatchObject({
    "p0000-0000": first,
    "p0000-0002": first,
    "p0001-0001": third,
  });
  expect(await verifyOf(house, name, out)).toMatchObject({ ok: true, problems: [] });
}
