import { type Dataset, datasetSchema, type FileIdentity } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { discoverParts, parseDataset } from "./index.ts";

const nfc = (text: string): string => text.normalize("NFC");
const nfd = (text: string): string => text.normalize("NFD");
const file = (path: string): FileIdentity => ({ path, sizeBytes: 10, sha256: null, oid: null });

const entry = {
  name: "some-set",
  title: "Some set",
  keyPrefix: "some",
  sourceName: "some",
  license: "MIT",
  source: { kind: "folder" },
  parts: [{ archive: "zip", path: "{subset}/{part}.zip" }],
  media: "video",
  annotations: { kind: "files", files: [{ path: "{subset}.csv", format: "csv" }], key: "video" },
  text: { adapter: "caption" },
};

const datasetWith = (more: object): Dataset => datasetSchema.parse({ ...entry, ...more });

function found(dataset: Dataset, ...paths: string[]) {
  const { parts, clashes, annotationFiles, remarks } = discoverParts(dataset, paths.map(file));
  return {
    subsets: parts.map(({ subset }) => subset),
    clashes: clashes.map(({ sources }) => [...sources].sort()),
    annotations: annotationFiles.map(({ subset }) => subset),
    remarks,
  };
}

describe("subsets that fall together", () => {
  it("are told with the names that the source has, and no part is dropped", () => {
    const paths = ["AI2D/0.zip", "ai2d/0.zip", "a(b)/0.zip", "a-b/1.zip", "other/0.zip", "other.csv"];
    expect(found(datasetWith({}), ...paths)).toMatchObject({
      subsets: expect.arrayContaining(["AI2D", "ai2d", "a(b)", "a-b", "other"]),
      clashes: [
        ["AI2D", "ai2d"],
        ["a(b)", "a-b"],
      ],
      remarks: [],
    });
  });

  it("names of the catalogue's own keep them apart, unless they are the name of another", () => {
    const named = datasetWith({ subsetNames: { AI2D: "upper" } });
    expect(found(named, "AI2D/0.zip", "ai2d/0.zip", "AI2D.csv")).toMatchObject({
      subsets: ["ai2d", "upper"],
      clashes: [],
      annotations: ["upper"],
    });
    expect(found(named, "AI2D/0.zip", "upper/0.zip").clashes).toEqual([["AI2D", "upper"]]);
  });

  it("one name in two spellings is a clash; in one, the spelling does not matter", () => {
    expect(found(datasetWith({}), `${nfc("é")}/0.zip`, `${nfd("é")}/1.zip`).clashes).toEqual([
      [nfc("é"), nfd("é")].sort(),
    ]);
    const rule = { archive: "zip", path: `${nfd("à")}/{subset}/{part}.zip`, subsets: [nfc("é")] };
    expect(
      found(datasetWith({ parts: [rule] }), `${nfc("à")}/${nfd("é")}/0.zip`, `${nfd("é")}.csv`),
    ).toMatchObject({ subsets: [nfc("é")], clashes: [], annotations: [nfc("é")], remarks: [] });
  });
});

it("an entry whose own names are no words for keys, or are given twice, is refused", () => {
  const yaml = JSON.stringify({ ...entry, subsetNames: { a: "x", b: "x" } });
  expect(parseDataset(yaml, "some-set.yaml")).toMatchObject({
    problems: [{ path: "subsetNames.b", message: "x is the name of a already" }],
  });
  for (const name of ["A", "a.b", "a--b", "-a", "数", ""]) {
    const parsed = parseDataset(JSON.stringify({ ...entry, subsetNames: { a: name } }), "some-set.yaml");
    expect(parsed).toMatchObject({ kind: "invalid", problems: [{ path: "subsetNames.a" }] });
  }
});
