import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BuildContext } from "../context/build-context.ts";
import { mustBeUnchanged } from "../plan/unchanged-source.ts";
import { rootFile } from "../stream/root-file.ts";
import { rootContentsOf } from "./root-content.ts";

const signal = new AbortController().signal;
const nfc = (text: string): string => text.normalize("NFC");
const nfd = (text: string): string => text.normalize("NFD");
let folder: string;
let out: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shardmill-root-"));
  out = await mkdtemp(join(tmpdir(), "shardmill-out-"));
  await mkdir(join(folder, nfd("été"), nfd("Zoë")), { recursive: true });
  await writeFile(join(folder, nfd("été"), nfd("Noël.mp4")), "12345");
  await writeFile(join(folder, nfd("été"), nfd("Zoë"), "1.jpg"), "a frame");
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(out, { recursive: true, force: true });
});

async function contextWith(prefix: string) {
  const records = openRecords(await openStore(out), "toy");
  return {
    surroundings: { roots: { [prefix]: folder } } as unknown as BuildContext["surroundings"],
    records,
  };
}

const video = { prefix: nfc("vidéos/"), path: nfc("été/Noël.mp4"), isFolder: false };
const frames = { prefix: nfc("vidéos/"), path: nfc("été/Zoë"), isFolder: true };

it("hashes files and folders of frames whose disk or config spells their names in another way than was recorded", async () => {
  const found = await rootContentsOf(await contextWith(nfd("vidéos/")), [video, frames], signal);
  expect(found).toHaveLength(2);
  await rename(join(folder, nfd("été")), join(folder, nfc("été")));
  expect(await rootContentsOf(await contextWith(nfc("vidéos/")), [video, frames], signal)).toEqual(found);
});

it("a folder of frames that is gone is a changed source, when it is hashed and when it is milled", async () => {
  const gone = { ...frames, path: "été/gone" };
  const context = await contextWith(frames.prefix);
  await expect(rootContentsOf(context, [gone], signal)).rejects.toMatchObject({ code: "source_changed" });
  const member = { position: 0, name: "gone", at: { ...gone, sizeBytes: 7 } };
  const { read } = rootFile({ ...context, build: { recipe: {} } } as never, member as never);
  await expect(read(signal)).rejects.toMatchObject({ code: "source_changed" });
});

it("checks the members of a root whose prefix the config spells in another way, and none of a root it lacks", async () => {
  const member = {
    position: 0,
    name: "vidéos/été/Noël.mp4",
    at: { ...video, sizeBytes: 5, content: "other" },
  };
  const { records, surroundings } = await contextWith(nfd("vidéos/"));
  const context = {
    surroundings,
    source: { name: "toy" },
    dataset: { name: "toy", annotations: { kind: "none" } },
    records: Object.assign(Object.create(records) as typeof records, {
      async *readPlannedMembers() {
        yield member;
      },
    }),
  };
  const plan = { subset: null, part: 0, archive: "roots", ranges: [{ range: 0 }] } as never;
  await expect(mustBeUnchanged(context as never, plan, null, signal)).rejects.toThrow(Failure);
  const lacking = { ...context, surroundings: { roots: { "others/": folder } } };
  await expect(mustBeUnchanged(lacking as never, plan, null, signal)).resolves.toBeUndefined();
});
