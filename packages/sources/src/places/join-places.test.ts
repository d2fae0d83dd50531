import type { FileIdentity, Source } from "@shardmill/core";
import { placeOf } from "@shardmill/core";
import { expect, it } from "vitest";
import { joinPlaces } from "./join-places.ts";

const signal = new AbortController().signal;
const file = (path: string): FileIdentity => ({ path, sizeBytes: 1, sha256: null, oid: null });

function place(name: string, paths: readonly string[], canChange: boolean): Source {
  return {
    name,
    revision: canChange ? null : `${name}'s commit`,
    async *list() {
      yield* paths.map(file);
    },
    open: ({ path }) => ({ name: `${name}/${path}`, sizeBytes: 1, async *read() {} }),
    passedOver: () => [`${name} passed something over`],
    ...(canChange && {
      look: async (path) => (paths.includes(path) ? { ...file(path), stamp: name } : null),
    }),
  };
}

const own = place("own", ["a.zip", "json/a.json"], true);
const hub = place("hub:me/records", ["a.zip", "json/a.json"], false);
const folder = place("folder:captions", ["json/a.json"], true);
const joined = joinPlaces(
  own,
  new Map([
    ["me/records@main:", hub],
    ["captions-12345678:", folder],
  ]),
);

it("lists each place's files under its prefix, and opens them where they are", async () => {
  const listed: FileIdentity[] = [];
  for await (const one of joined.list(signal)) listed.push(one);
  expect(listed.map(({ path }) => path)).toEqual([
    "a.zip",
    "json/a.json",
    "me/records@main:a.zip",
    "me/records@main:json/a.json",
    "captions-12345678:json/a.json",
  ]);
  expect(listed.map((one) => joined.open(one).name)).toEqual([
    "own/a.zip",
    "own/json/a.json",
    "hub:me/records/a.zip",
    "hub:me/records/json/a.json",
    "folder:captions/json/a.json",
  ]);
  expect(joined.passedOver?.()).toEqual([
    "own passed something over",
    "hub:me/records: hub:me/records passed something over",
    "folder:captions: folder:captions passed something over",
  ]);
});

it("says of each file where it is, at which commit, and whether it may change", async () => {
  expect([joined.name, joined.revision]).toEqual(["own", null]);
  const records = placeOf(joined, { path: "me/records@main:json/a.json" });
  expect([records.name, records.revision, records.look]).toEqual([
    "hub:me/records",
    "hub:me/records's commit",
    undefined,
  ]);
  const path = "captions-12345678:json/a.json";
  expect(await placeOf(joined, { path }).look?.(path)).toMatchObject({ path, stamp: "folder:captions" });
  expect(await placeOf(joined, { path }).look?.("captions-12345678:other")).toBeNull();
  expect(placeOf(joined, { path: "a.zip" })).toBe(own);
  expect(joinPlaces(own, new Map())).toBe(own);
});
