import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findRootFile, placeInRoot } from "./find-root-file.ts";

const nfc = (text: string): string => text.normalize("NFC");
const nfd = (text: string): string => text.normalize("NFD");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shardmill-root-"));
  await mkdir(join(folder, nfd("été")));
  await writeFile(join(folder, nfd("été"), nfc("Zoë.mp4")), "12345");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  [nfc, nfc],
  [nfc, nfd],
  [nfd, nfc],
  [nfd, nfd],
])("finds a record's file whichever way prefix, record and disk spell their names", (prefix, record) => {
  const found = findRootFile({ [prefix("vidéos/")]: folder }, record("vidéos/été/Zoë.mp4"));
  expect(found).toEqual({
    prefix: prefix("vidéos/"),
    path: nfc("été/Zoë.mp4"),
    sizeBytes: 5,
    isFolder: false,
  });
  expect(placeInRoot(folder, found?.path ?? "")).toBe(join(folder, nfd("été"), nfc("Zoë.mp4")));
});

it("a name that is not there stays as it is written", () => {
  expect(findRootFile({ "vidéos/": folder }, "vidéos/été/Noël.mp4")).toBeNull();
  expect(placeInRoot(folder, "nowhere/é.mp4")).toBe(join(folder, "nowhere/é.mp4"));
});
