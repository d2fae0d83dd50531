import { appendFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reject } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BuildContext } from "../context/build-context.ts";
import { LinkMemory } from "./link-memory.ts";

const member = (position: number) => ({
  position,
  name: `${position}`,
  at: { url: `http://x/${position}` },
  records: [],
});
const members = [member(0), member(1), member(2)];
const dead = reject("url_dead", "http://x/1: answered 404");

let root: string;
let context: BuildContext;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "shardmill-links-"));
  await mkdir(join(root, "toy/.shardmill"), { recursive: true });
  const store = await openStore(root);
  context = { store, records: openRecords(store, "toy") } as BuildContext;
});
afterAll(() => rm(root, { recursive: true }));

describe("what is known of a shard's links", () => {
  it("is there after a crash, but for a line that was cut", async () => {
    const first = await LinkMemory.open(context, "toy-p0000-0000", members);
    expect(first.known(1)).toBeNull();
    await Promise.all([first.remember(1, dead), first.remember(2, reject("not_media", "a page"))]);
    const path = join(root, "toy/.shardmill/links/toy-p0000-0000.jsonl");
    await appendFile(path, '{"position":0,"code":"url_de');
    const again = await LinkMemory.open(context, "toy-p0000-0000", members);
    expect([0, 1, 2].map((position) => again.known(position)?.code ?? null)).toEqual([
      null,
      "url_dead",
      "not_media",
    ]);
    await again.remember(0, dead);
    const third = await LinkMemory.open(context, "toy-p0000-0000", members);
    expect(third.known(0)).toEqual(dead);
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(5);
  });

  it("says nothing of other members", async () => {
    const other = await LinkMemory.open(context, "toy-p0000-0000", [member(0), member(1)]);
    expect(other.known(1)).toBeNull();
  });

  it("is none where nothing can be written: links are asked as if there were no memory", async () => {
    const readOnly = { ...context, store: await openStore("/proc") };
    const memory = await LinkMemory.open(readOnly, "toy-p0000-0001", members);
    await memory.remember(1, dead);
    expect((await LinkMemory.open(readOnly, "toy-p0000-0001", members)).known(1)).toBeNull();
  });
});
