import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel, samplesByKey } from "../support/build-status.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { type Ended, shardmill, shardmillJson } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";
import { blob, duckdbParquet } from "./fixtures/parquet.ts";
import { makePictures } from "./fixtures/pictures.ts";

// Each starts several commands, one after the other.

/** Subsets of any script, subsets that fall together, and names in both of Unicode's spellings. */
const nfc = (text: string): string => text.normalize("NFC");
const nfd = (text: string): string => text.normalize("NFD");

const rows = (name: string, more = ""): string => `name: ${name}
title: Rows
keyPrefix: rows
sourceName: rows/{subset}
license: unknown
source: { kind: folder }
parts: [{ archive: parquet, path: "{subset}/train-{part}-of-{of}.parquet" }]
media: images
annotations: { kind: inline, images: image }
text: { adapter: caption, caption: text }
${more}`;

const zips = (name: string): string => `name: ${name}
title: Zips
keyPrefix: zips
sourceName: zips
license: unknown
source: { kind: folder }
parts: [{ archive: zip, path: "${nfc("données")}/{subset}_{part}.zip", subsets: ["${nfc("Événements")}", 图片] }]
media: images
annotations:
  kind: files
  files: [{ path: "{subset}.csv", format: csv }]
  key: file
  match: [exact, without-subset]
text: { adapter: caption, caption: text }
subsetNames: { 图片: pictures }
presets: { festive: ["${nfd("Événements")}"] }
`;

const named = `subsetNames: { "ai2d(gpt4v)": ai2d-by-gpt4v, AI2D: ai2d-upper }
presets: { brackets: ["ai2d(gpt4v)"] }
`;

let scratch: string;
let source: string;
const out = () => join(scratch, "out");
const run = (...args: string[]): Promise<Ended> =>
  shardmill(args, { XDG_CONFIG_HOME: join(scratch, "config") });
const build = (dataset: string, folder: string, ...args: string[]): Promise<Ended> =>
  run("build", dataset, "--source", folder, "--out", out(), "--workers", "1", ...args);

const subsets = [
  "AI2D",
  "ai2d",
  "ai2d(gpt4v)",
  "ai2d-gpt4v",
  "aokvqa(cauldron,llava_format)",
  "中文数据",
  nfd("Ünï"),
  "2024",
];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-names-"));
  const catalogue = join(scratch, "config/shardmill/datasets");
  await mkdir(catalogue, { recursive: true });
  await writeFile(join(catalogue, "my-rows.yaml"), rows("my-rows"));
  await writeFile(join(catalogue, "my-named.yaml"), rows("my-named", named));
  await writeFile(join(catalogue, "my-zips.yaml"), zips("my-zips"));
  const [picture = Buffer.of()] = await makePictures(1);
  const files = new Map<string, Buffer>();
  for (const subset of subsets) {
    const row = `SELECT {'bytes': ${blob(picture)}, 'path': NULL::VARCHAR} AS image, 'of ${subset}' AS text`;
    files.set(`${subset}/train-00000-of-00001.parquet`, await duckdbParquet(row));
  }
  source = await writeFiles(join(scratch, "rows"), files);
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("subsets of any name", () => {
  it("those that fall together are an error before anything is built, in one line that names both", async () => {
    const ended = await build("my-rows", source);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /the subsets AI2D and ai2d would both be called ai2d; .*ai2d\(gpt4v\) and ai2d-gpt4v/,
    );
    expect(ended.stderr).toMatch(/choose one of them with --subsets, or give them other names/);
    expect(existsSync(join(out(), "my-rows"))).toBe(false);
    const both = await build("my-rows", source, "--subsets", "中文数据,ai2d,AI2D");
    expect(both.code).toBe(2);
    const plan = await run("plan", "my-rows", "--source", source);
    expect(plan.code).toBe(2);
    for (const subset of ["AI2D", "ai2d(gpt4v)", '"aokvqa(cauldron,llava_format)"', "中文数据", '"2024"'])
      expect(plan.stdout).toContain(` ${subset} `);
  });

  it("each can be chosen by its name; the other of two is refused where the first is committed", async () => {
    const list = `AI2D,aokvqa(cauldron,llava_format),中文数据,${nfc("Ünï")},2024`;
    const ended = await build("my-rows", source, "--subsets", list);
    expect(ended.code, ended.stderr).toBe(0);
    const samples = [...samplesByKey(join(out(), "my-rows")).values()];
    expect(samples.map(({ json }) => json.caption).sort()).toEqual(
      ["of 2024", "of AI2D", "of aokvqa(cauldron,llava_format)", "of 中文数据", `of ${nfd("Ünï")}`].sort(),
    );
    expect(samples.map(({ json }) => json.subset)).toContain(nfc("Ünï"));
    for (const { key } of samples) expect(key).toMatch(/^[a-z0-9_-]{1,60}$/);
    const twin = await build("my-rows", source, "--parts", "ai2d:0");
    expect(twin.code).toBe(2);
    expect(twin.stderr).toMatch(
      /ai2d-p0000 in this output folder is of the subset AI2D, and ai2d would take its place/,
    );
    // Another build forgets neither what stands nor which of the two it was.
    const more = await build("my-rows", source, "--parts", "ai2d(gpt4v):0");
    expect(more.code, more.stderr).toBe(0);
    expect(await partsByLabel("my-rows", out())).toMatchObject({
      "ai2d-p0000": { state: "done", subset: "AI2D" },
      "ai2d-gpt4v-p0000": { state: "done", subset: "ai2d(gpt4v)" },
    });
    const verified = await run("verify", join(out(), "my-rows"));
    expect(verified.code, verified.stdout).toBe(0);
  });

  it("names of the catalogue's own keep all apart, and the source's names still choose them", async () => {
    // The two that the catalogue leaves alone are ai2d and ai2d-gpt4v, which nothing falls together with any more.
    const ended = await build("my-named", source);
    expect(ended.code, ended.stderr).toBe(0);
    const parts = Object.keys(await partsByLabel("my-named", out()));
    expect(parts).toContain("ai2d-by-gpt4v-p0000");
    expect(parts).toHaveLength(subsets.length);
    for (const words of [
      ["--subsets", "ai2d(gpt4v)"],
      ["--parts", "ai2d-by-gpt4v:0"],
      ["--preset", "brackets"],
    ]) {
      const plan = await run("plan", "my-named", "--source", source, "--json", ...words);
      expect(JSON.parse(plan.stdout)).toMatchObject({
        parts: [{ part: "ai2d-by-gpt4v-p0000", subset: "ai2d-by-gpt4v" }],
      });
    }
    const sample = [...samplesByKey(join(out(), "my-named")).values()].find(
      ({ json }) => json.caption === "of AI2D",
    );
    expect(sample?.json).toMatchObject({ subset: "ai2d-upper", source: "rows/ai2d-upper" });
  });

  it("a name that makes keys too long, and one spelled in two ways, are refused with what to do", async () => {
    const file = "train-00000-of-00001.parquet";
    const bytes = await duckdbParquet("SELECT NULL AS image, 'a' AS text");
    const long = await writeFiles(join(scratch, "long"), new Map([[`${"x".repeat(60)}/${file}`, bytes]]));
    const tooLong = await build("my-rows", long, "--out", join(scratch, "elsewhere"));
    expect(tooLong.code).toBe(2);
    expect(tooLong.stderr).toMatch(
      /keys of the subset x+ would have \d+ letters, and 60 are the most: .*subsetNames/,
    );
    const twice = new Map([nfc("é"), nfd("é")].map((name) => [`${name}/${file}`, bytes]));
    const spelled = await build(
      "my-rows",
      await writeFiles(join(scratch, "twice"), twice),
      "--subsets",
      nfd("é"),
    );
    expect(spelled.code).toBe(2);
    expect(spelled.stderr).toMatch(/differ only in how their letters are encoded: give them other names/);
  });
});

describe("NFC and NFD", () => {
  it("name the same member, subset, file and preset", async () => {
    const pictures = await makePictures(5);
    const member = (name: string, at: number) => ({ name, bytes: pictures[at] ?? Buffer.of() });
    const folder = await writeFiles(
      join(scratch, "zips"),
      new Map([
        [
          `${nfd("données")}/${nfd("Événements")}_7.zip`,
          await zip([
            member(`${nfd("Événements")}/${nfd("fête")}.jpg`, 0),
            member(nfc("Zoë.jpg"), 1),
            member(nfd("Zoë.jpg"), 2),
          ]),
        ],
        [
          `${nfc("Événements")}.csv`,
          Buffer.from(
            `file,text\n${nfc("fête")}.jpg,a feast\n${nfd("Zoë")}.jpg,first\n${nfc("Zoë")}.jpg,second\nnobody.jpg,-\n`,
          ),
        ],
        [`${nfc("données")}/图片_0.zip`, await zip([member("图片/一.jpg", 3)])],
        ["图片.csv", Buffer.from("file,text\n一.jpg,one\n")],
      ]),
    );
    const ended = await build("my-zips", folder, "--preset", "festive");
    expect(ended.code, ended.stderr).toBe(0);
    const rest = await build("my-zips", folder, "--parts", "图片:0");
    expect(rest.code, rest.stderr).toBe(0);
    const samples = [...samplesByKey(join(out(), "my-zips")).values()].map(({ json }) => json);
    expect(samples.map(({ caption, member: name, subset }) => [caption, name, subset])).toEqual([
      ["one", "图片/一.jpg", "pictures"],
      // The member is told as its archive spells it.
      ["a feast", `${nfd("Événements")}/${nfd("fête")}.jpg`, nfc("Événements")],
      ["first", nfc("Zoë.jpg"), nfc("Événements")],
    ]);
    const parts = await partsByLabel("my-zips", out());
    expect(parts["v-nements-p0007"]).toMatchObject({
      state: "done",
      members: 3,
      packed: 2,
      byCode: { duplicate_name: 1 },
    });
    const status = await shardmillJson<{ totals: { unmatched: number } }>([
      "status",
      "my-zips",
      "--out",
      out(),
    ]);
    // The second record of one name is void, and one names nobody.
    expect(status.totals.unmatched).toBe(2);
    expect((await readdir(join(out(), "my-zips"))).filter((name) => name.endsWith(".tar"))).toHaveLength(2);
    const failures = await run(
      "failures",
      "my-zips",
      "--out",
      out(),
      "--part",
      `${nfd("Événements")}:7`,
      "--json",
    );
    expect(JSON.parse(failures.stdout)).toMatchObject({ failures: [{ member: nfd("Zoë.jpg") }] });
  });
});
