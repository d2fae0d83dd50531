import type { FileIdentity } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { datasetWith, file, told } from "../testing/listings.ts";
import { shipped } from "../testing/shipped.ts";
import { discoverParts } from "./index.ts";

const split = [73, 76, 78, 83, 88, 89, 92, 95, 96, 102, 103, 111, 118, 183, 184, 185];

function openVidFiles(): FileIdentity[] {
  const numbers = Array.from({ length: 186 }, (_, n) => n);
  return numbers
    .flatMap((n) =>
      split.includes(n)
        ? [file(`OpenVid_part${n}_partab`, 3), file(`OpenVid_part${n}_partaa`, 5)]
        : [file(`OpenVid_part${n}.zip`, 7)],
    )
    .concat([
      file("OpenVid_part98_partab"),
      file("data/train/OpenVid-1M.csv"),
      file("data/train/OpenVidHD.csv"),
    ])
    .concat([
      file("OpenVidHD/OpenVidHD_part_1.zip"),
      file("OpenVidHD/OpenVidHD_part_15_part_aa"),
      file("README.md"),
    ])
    .reverse();
}

describe("OpenVid's listing", () => {
  const found = discoverParts(shipped("openvid-1m"), openVidFiles());

  it("has 186 parts, 16 of them in two pieces, in the order of their numbers", () => {
    expect(found.parts.map(({ part }) => part)).toEqual(Array.from({ length: 186 }, (_, n) => n));
    const pieced = found.parts.filter((part) => part.kind === "present" && part.pieces.length === 2);
    expect(pieced.map(({ part }) => part)).toEqual(split);
    expect(found.parts.every(({ kind }) => kind === "present")).toBe(true);
    expect(found.parts[73]).toMatchObject({
      label: "p0073",
      archive: "zip",
      sizeBytes: 8,
      pieces: [{ path: "OpenVid_part73_partaa" }, { path: "OpenVid_part73_partab" }],
    });
  });

  it("takes part 98's zip in spite of its stray piece, and tells both that and the archives nobody asked for", () => {
    expect(found.remarks).toEqual([
      "part p0098: OpenVid_part98.zip is used and OpenVid_part98_partab ignored",
      "OpenVidHD/ holds 2 archives that no rule of the catalogue speaks of, such as OpenVidHD/OpenVidHD_part_1.zip",
    ]);
  });

  it("has one annotation file, not the HD one that repeats it", () => {
    expect(found.annotationFiles.map(({ file: { path }, set, subset }) => [path, set, subset])).toEqual([
      ["data/train/OpenVid-1M.csv", "captions", null],
    ]);
  });

  it("calls a part without files absent, with the reason", () => {
    const lone = openVidFiles().filter(
      ({ path }) =>
        !/part(5|6)\.zip|part98\.zip|part73_partaa|OpenVidHD\//.test(path) || path.includes("part185"),
    );
    const { parts, remarks } = discoverParts(shipped("openvid-1m"), lone);
    expect(parts).toHaveLength(186);
    expect(parts[5]).toMatchObject({
      kind: "absent",
      code: "part_absent",
      reason: "the source has no OpenVid_part5.zip and no OpenVid_part5_partaa",
    });
    expect(parts[98]).toMatchObject({
      code: "pieces_incomplete",
      reason: "piece aa is missing; the source has OpenVid_part98_partab",
    });
    expect(parts[73]).toMatchObject({ code: "pieces_incomplete" });
    expect(remarks).toContain("part p0098: piece aa is missing, so OpenVid_part98_partab is no part");
  });
});

describe("The Cauldron's series", () => {
  const dataset = shipped("the-cauldron");
  const hash = (n: number): string => `${n}`.padStart(16, "0");
  const series = (subset: string, of: number, numbers: number[], run = 0): FileIdentity[] =>
    numbers.map((n) =>
      file(
        `${subset}/train-${`${n}`.padStart(5, "0")}-of-${`${of}`.padStart(5, "0")}-${hash(n + run)}.parquet`,
      ),
    );

  it("is a part per file, per subset", () => {
    const { parts, remarks } = discoverParts(dataset, [
      ...series("vqav2", 3, [2, 1, 0]),
      ...series("ai2d", 1, [0]),
    ]);
    expect(parts.map(({ label, kind }) => `${label} ${kind}`)).toEqual([
      "ai2d-p0000 present",
      "vqav2-p0000 present",
      "vqav2-p0001 present",
      "vqav2-p0002 present",
    ]);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(/^48 of 50 subsets have no file like/);
  });

  it("says nothing of subsets that it lacks where only some are asked for", () => {
    const files = series("ai2d", 1, [0]);
    expect(discoverParts(dataset, files, false).remarks).toEqual([]);
    expect(discoverParts(dataset, files).remarks).toHaveLength(1);
  });

  it("is built from the complete series and tells of the other", () => {
    const { parts, remarks } = discoverParts(dataset, [
      ...series("okvqa", 4, [0, 1, 2, 3]),
      ...series("okvqa", 563, [0, 1, 2]),
      ...series("okvqa", 563, [0, 7], 100),
    ]);
    expect(parts.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => "present"));
    expect(remarks).toContain("okvqa: 5 files of the series -of-563 are ignored; -of-4 is complete");
  });

  it("is refused when none is complete, when two are, and when two runs are mixed", () => {
    const cases: [FileIdentity[], RegExp][] = [
      [series("okvqa", 4, [0, 1, 3]), /holds no complete series: -of-4 lacks number 2 \(3 of 4 there\)/],
      [[...series("okvqa", 1, [0]), ...series("okvqa", 2, [0, 1])], /holds 2 complete series/],
      [[...series("okvqa", 2, [0, 1]), ...series("okvqa", 2, [0, 1], 50)], /has a number twice/],
    ];
    for (const [files, reason] of cases) {
      const { parts } = discoverParts(dataset, files);
      expect(parts.length).toBeGreaterThan(0);
      for (const part of parts) {
        expect(part).toMatchObject({ kind: "absent", code: "series_incomplete" });
        expect(part.kind === "absent" && part.reason).toMatch(reason);
      }
    }
  });
});

describe("VISTA's and LLaVA-Video's folders", () => {
  it("number their tars without padding, and each subset has its JSON", () => {
    const numbers = [10, 1, 2, 11];
    const { parts, annotationFiles } = discoverParts(shipped("vista-400k"), [
      ...numbers.map((n) => file(`temporal_niah_qa/temporal_niah_qa_${n}.tar`)),
      file("temporal_niah_qa/spatial_niah_qa_1.tar"),
      file("temporal_niah_qa.json"),
    ]);
    expect(parts.map(({ label }) => label)).toEqual(
      [1, 2, 10, 11].map((n) => `temporal_niah_qa-p00${`${n}`.padStart(2, "0")}`),
    );
    expect(annotationFiles).toMatchObject([{ subset: "temporal_niah_qa", format: "json" }]);
  });

  it("find caption, open and multiple-choice files in spite of their names, in that order", () => {
    const folder = "30_60_s_academic_v0_1";
    const { parts, annotationFiles } = discoverParts(shipped("llava-video-178k"), [
      file(`${folder}/30_60_s_academic_mc_v0_1_qa_processed.json`),
      file(`${folder}/30_60_s_academic_oe_v0_1_qa_processed.json`),
      file(`${folder}/30_60_s_academic_v0_1_cap_processed.json`),
      file(`${folder}/${folder}_videos_1.tar.gz`),
      file("1_2_m_activitynetqa/1_2_m_activitynetqa_oe_qa_processed.json"),
      file("llava_hound/sharegptvideo_qa_255k_processed.json"),
    ]);
    expect(parts.map(told)).toEqual([`${folder}-p0001: ${folder}/${folder}_videos_1.tar.gz`]);
    expect(annotationFiles.map(({ set, subset }) => [set, subset])).toEqual([
      ["caption", folder],
      ["oe", "1_2_m_activitynetqa"],
      ["oe", folder],
      ["mc", folder],
      ["oe", "llava_hound"],
    ]);
  });
});

describe("other shapes", () => {
  it("may be one file per subset, one file in all, or a folder of images as one part", () => {
    expect(
      discoverParts(datasetWith([{ archive: "zip", path: "{subset}.zip" }]), [
        file("b.zip"),
        file("a.zip"),
      ]).parts.map(told),
    ).toEqual(["a-p0000: a.zip", "b-p0000: b.zip"]);
    expect(
      discoverParts(datasetWith([{ archive: "tar", path: "all.tar" }]), [file("all.tar")]).parts.map(told),
    ).toEqual(["p0000: all.tar"]);
    const images = discoverParts(datasetWith([{ archive: "images", path: "{subset}/**.jpg" }]), [
      ...[file("cats/10.jpg"), file("cats/9.jpg"), file("dogs/x/1.jpg"), file("cats/a.txt")],
    ]);
    expect(images.parts.map(told)).toEqual([
      "cats-p0000: cats/9.jpg+cats/10.jpg",
      "dogs-p0000: dogs/x/1.jpg",
    ]);
  });

  it("expect their numbers in every subset the catalogue names", () => {
    const rule = { archive: "tar", path: "{subset}/{part}.tar", numbers: "1-2", subsets: ["a", "b"] };
    const { parts } = discoverParts(datasetWith([rule]), [file("a/1.tar"), file("c/1.tar")]);
    expect(parts.map(told)).toEqual([
      "a-p0001: a/1.tar",
      "a-p0002: part_absent",
      "b-p0001: part_absent",
      "b-p0002: part_absent",
    ]);
  });

  it("say when two files or two rules mean one part", () => {
    const { parts, remarks } = discoverParts(
      datasetWith([
        { archive: "zip", path: "x{part}.zip" },
        { archive: "tar", path: "y{part}.tar" },
      ]),
      [file("x1.zip"), file("x01.zip"), file("y1.tar")],
    );
    expect(parts).toHaveLength(1);
    expect(remarks).toHaveLength(2);
  });

  it("say when an annotation file that must be there is not", () => {
    const annotations = { kind: "files", key: "v", files: [{ path: "a.csv", format: "csv" }] };
    const { remarks } = discoverParts(
      datasetWith([{ archive: "zip", path: "x{part}.zip" }], annotations),
      [],
    );
    expect(remarks).toContain("no annotation file is named like a.csv");
  });
});

it.each(["MLVU/", "", "copy/of/MLVU/"])(
  "finds MLVU's folders below %j, and the questions whose media are not there",
  (above) => {
    const found = discoverParts(shipped("mlvu"), [
      file(`${above}json/1_plotQA.json`),
      file(`${above}json/3_ego.json`),
      file(`${above}video/1_plotQA/movie101_1.mp4`),
      file(`${above}video/1_plotQA/movie101_2.mp4`),
    ]);
    expect(found.parts.map((part) => [part.label, part.kind])).toEqual([
      ["1_plotqa-p0000", "present"],
      ["3_ego-p0000", "absent"],
    ]);
    expect(found.parts[1]).toMatchObject({ code: "media_not_fetched" });
  },
);
