import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel } from "../support/build-status.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { readSamples, tarsIn } from "../support/read-shards.ts";
import { shardmill } from "../support/shardmill.ts";
import { duckdbParquet } from "./fixtures/parquet.ts";
import { makePictures } from "./fixtures/pictures.ts";

/** From the bytes of a source to the bytes of a sample: no digit is lost, and nothing is lost without a word. */
const id = "7352910847997496619";
const files = (name: string, format: string, key: string): string => `name: ${name}
title: ${name}
keyPrefix: ${name.replace("my-", "")}
sourceName: ${name}
license: unknown
source: { kind: folder }
parts: [{ archive: images, path: "pictures/**" }]
media: images
annotations: { kind: files, files: [{ path: ${name}.${format}, format: ${format} }], key: ${key}, match: [stem] }
text: { adapter: caption }
fields: { vid: { from: vid, type: string }, vnum: { from: vid, type: int }, score: { from: score, type: float } }
`;

/** One dataset whose subsets hold the same two pictures, each with its records in another format. */
const formats = { json: "json", lines: "jsonl", table: "parquet", comma: "csv" } as const;
const allFormats = files("my-all", "csv", "id")
  .replace('path: "pictures/**"', 'path: "{subset}/**"')
  .replace(
    /files: \[.*?\]/,
    `files: [${Object.values(formats)
      .map((format) => `{ path: "{subset}.${format}", format: ${format} }`)
      .join()}]`,
  );

let scratch: string;
let source: string;
let environment: Record<string, string>;
let all: Awaited<ReturnType<typeof build>>;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-exact-"));
  const [one, two] = await makePictures(2);
  const records = [
    `{"id": ${id}, "caption": "one", "vid": ${id}, "score": NaN}`,
    '{"id": 2, "caption": ["two"], "vid": 1.5, "score": 2}',
  ];
  source = await writeFiles(
    join(scratch, "source"),
    new Map([
      ...["pictures", ...Object.keys(formats)].flatMap((folder): [string, Buffer][] => [
        [`${folder}/${id}.jpg`, one ?? Buffer.of()],
        [`${folder}/2.jpg`, two ?? Buffer.of()],
      ]),
      ["json.json", Buffer.from(`[${records.join()}]`)],
      ["lines.jsonl", Buffer.from(`${records[0]}\nNaN\n${records[1]}`)],
      ["comma.csv", Buffer.from(`id,caption,vid,score\n${id},one,${id},NaN\nshort\n2,"two",1.5,2\n`)],
      [
        "table.parquet",
        await duckdbParquet(
          `SELECT * FROM (VALUES (${id}::BIGINT, 'one', ${id}::BIGINT, 'NaN'::DOUBLE), (2, 'two', NULL, 2)) t(id, caption, vid, score)`,
        ),
      ],
      ["my-nothing.csv", Buffer.from("id,text\n2,two\n")],
      ["my-gzip.csv", Buffer.from("1f8b0800000000000003", "hex")],
    ]),
  );
  const catalogue = join(scratch, "config/shardmill/datasets");
  await mkdir(catalogue, { recursive: true });
  environment = { XDG_CONFIG_HOME: join(scratch, "config") };
  for (const name of ["my-nothing", "my-gzip"])
    await writeFile(join(catalogue, `${name}.yaml`), files(name, "csv", "id"));
  await writeFile(join(catalogue, "my-all.yaml"), allFormats);
  all = await build("my-all");
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function build(name: string) {
  const out = join(scratch, "out");
  const ended = await shardmill(["build", name, "--source", source, "--out", out], environment);
  return { ended, out, folder: join(out, name) };
}

function tarOf(subset: string): string {
  const [tar = ""] = tarsIn(all.folder).filter((name) => name.includes(`-${subset}-`));
  return join(all.folder, tar);
}

describe("values of records", () => {
  it("come with a build that ends with 1 where a member is left out for its record", () => {
    expect(all.ended.code, all.ended.stderr).toBe(1);
  });

  it.each(Object.keys(formats))("of %s come into the sample to the digit", async (subset) => {
    // A list in a caption's place leaves its member out, and that is told.
    const isList = subset === "json" || subset === "lines";
    expect((await partsByLabel("my-all", all.out))[`${subset}-p0000`]).toMatchObject(
      isList
        ? { state: "done", members: 2, packed: 1, failed: 1, byCode: { annotation_invalid: 1 } }
        : { state: "done", members: 2, packed: 2 },
    );
    const texts = readSamples(tarOf(subset)).map(({ fields }) => fields.get("json")?.toString("utf8") ?? "");
    const exact = texts.find((text) => text.includes(`"video_id":"${id}"`));
    expect(exact).toContain(`"vid":"${id}","vnum":${id},"score":null`);
  });

  it("are shown to the digit by inspect, for people and for programs", async () => {
    const tar = tarOf("comma");
    const sample = readSamples(tar).find(({ fields }) => fields.get("json")?.includes(`"vnum":${id}`));
    for (const [more, shown] of [
      [[], `vnum +${id}\n`],
      [["--json"], `"vnum": ${id},`],
    ] as const) {
      const { stdout } = await shardmill(["inspect", tar, sample?.key ?? "", ...more], environment);
      expect(stdout).toMatch(new RegExp(shown));
    }
  });

  it("that cannot be used stop the build in one line that says why", async () => {
    const nothing = await build("my-nothing");
    expect(nothing.ended.code).toBe(1);
    expect(nothing.ended.stderr).toMatch(
      /my-nothing\.csv: no record has caption, which the catalogue reads; found id, text/,
    );
    const packed = await build("my-gzip");
    expect(packed.ended.code).toBe(1);
    expect(packed.ended.stderr).toMatch(/my-gzip\.csv: expected CSV, found gzip data/);
    expect(`${nothing.ended.stderr}${packed.ended.stderr}`).not.toMatch(/\n {4}at /);
  });
});
