import { openRecords, type ReadableFile, type Store } from "@shardmill/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toyStore, writeOutput } from "../../../mixes/testing/outputs.ts";
import { KeysOfMembers } from "./keys-of-members.ts";

let store: Store;
let remove: () => Promise<void>;
const members = 40;
const never = new AbortController().signal;

beforeAll(async () => {
  ({ store, remove } = await toyStore());
  const positions = Array.from({ length: members }, (_, at) => at);
  for (const name of ["indexed", "bare"])
    await writeOutput(store, { name, shards: [{ positions, turns: 3 }] });
  await store.remove("bare/bare-p0000-0000.tar.idx");
});
afterAll(() => remove());

/** A store that counts what is read of its files. */
function counted(): { readonly store: Store; reads: number } {
  const count = { reads: 0, store };
  const openFile = async (path: string): Promise<ReadableFile | null> => {
    const file = await store.openFile(path);
    if (file === null) return null;
    const read: ReadableFile["read"] = (from, to) => {
      count.reads += 1;
      return file.read(from, to);
    };
    return { path: file.path, sizeBytes: file.sizeBytes, read, close: () => file.close() };
  };
  count.store = new Proxy(store, {
    get: (of, name) => {
      if (name === "openFile") return openFile;
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === "function" ? value.bind(of) : value;
    },
  });
  return count;
}

async function askedFor(name: string, positions: readonly number[]) {
  const count = counted();
  const found: string[][] = [];
  await using keys = new KeysOfMembers(openRecords(count.store, name), `${name}-p0000-0000`, never);
  for (const position of positions) {
    const first = `${name}-p0000-${String(position).padStart(6, "0")}-t0`;
    found.push(await keys.of({ first, member: `clip_${position}.mp4` }));
  }
  return { found, reads: count.reads };
}

it("are those that the tar has, whether it has an index or none, and each member is asked for in turn", async () => {
  const positions = [7, 0, 39, ...Array.from({ length: members }, (_, at) => at)];
  const [indexed, bare] = [await askedFor("indexed", positions), await askedFor("bare", positions)];
  const expected = positions.map((position) =>
    [0, 1, 2].map((turn) => `-p0000-${String(position).padStart(6, "0")}-t${turn}`),
  );
  expect(indexed.found).toEqual(expected.map((keys) => keys.map((key) => `indexed${key}`)));
  expect(bare.found).toEqual(expected.map((keys) => keys.map((key) => `bare${key}`)));
});

it("cost a few reads for a member, two or so a sample for many of them, and one walk over the tar where there is no index", async () => {
  const all = Array.from({ length: members }, (_, at) => at);
  const walk = (await askedFor("bare", [0])).reads;
  expect((await askedFor("bare", all)).reads).toBe(walk);
  expect((await askedFor("indexed", [0])).reads).toBeLessThan(16);
  const samples = members * 3;
  expect((await askedFor("indexed", [...all, ...all])).reads).toBeLessThan(samples * 2.5);
});
