import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRootFile, placeInRoot } from "./find-root-file.ts";
import { readRootCuts } from "./root-cuts.ts";

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

describe("a root's table of cuts", () => {
  const signal = new AbortController().signal;
  const prefix = "cut/";
  let root: string;
  beforeAll(async () => {
    root = join(folder, "cut");
    await mkdir(join(root, "full"), { recursive: true });
    await writeFile(join(root, "full/a.mp4"), "123");
    await writeFile(join(root, "b.mp4"), "1234");
  });
  const cutsOf = async (...rows: string[]) => {
    await writeFile(join(root, "cuts.csv"), ["media,file,start,end", ...rows].join("\n"));
    return readRootCuts({ [prefix]: root }, signal);
  };

  it("says which stretch of which file a record's media is, where there is no such file", async () => {
    const cuts = await cutsOf(
      "cut/1/split_0.mp4,full/a.mp4,0,00:01:02.5",
      'cut/1/split_1.mp4,"full/a.mp4",75:30,4600',
      "cut/b.mp4,full/a.mp4,0,1",
      "cut/gone.mp4,full/gone.mp4,0,1",
    );
    const found = (media: string) => findRootFile({ [prefix]: root }, media, cuts);
    const whole = { prefix, path: "full/a.mp4", sizeBytes: 3, isFolder: false };
    expect(found("cut/1/split_0.mp4")).toEqual({ ...whole, span: { startS: 0, endS: 62.5 } });
    expect(found("cut/1/split_1.mp4")).toEqual({ ...whole, span: { startS: 4530, endS: 4600 } });
    // A file of that name is what it is.
    expect(found("cut/b.mp4")).toEqual({ prefix, path: "b.mp4", sizeBytes: 4, isFolder: false });
    expect(found("cut/gone.mp4")).toBeNull();
    expect(found("cut/2/split_0.mp4")).toBeNull();
  });

  it.each([
    ["cut/x.mp4,full/a.mp4,5,4", /line 2: it ends at 4 s, and begins at 5 s/],
    ["cut/x.mp4,full/a.mp4,soon,4", /start and end are no times/],
    ["cut/x.mp4,full/a.mp4,,", /expected media, a file of the root, start and end/],
    ["cut/x.mp4,../secret.mp4,0,1", /expected media, a file of the root/],
    ["cut/x.mp4,full/a.mp4", /./],
  ])("is told where it is wrong: %s", async (row, message) => {
    await expect(cutsOf(row)).rejects.toMatchObject({
      code: "annotations_invalid",
      message: expect.stringMatching(message),
    });
  });
});
