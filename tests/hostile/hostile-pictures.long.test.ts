import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blob, duckdbParquet } from "../datasets/fixtures/parquet.ts";
import { captionedEntry } from "./captioned-entry.ts";
import { HostileHouse } from "./hostile-house.ts";
import { type HostilePicture, hostilePictures } from "./picture-corpus.ts";
import { rawTar } from "./raw-tar.ts";

/** Pictures that mean harm, as the members of a tar and in the rows of parquet files that may lie themselves. */

const inTar = "hostile-pictures";
const inRows = "hostile-rows";
const tarEntry = captionedEntry("images", '[{ archive: tar, path: "pictures_{part}.tar" }]');
const rowEntry = `parts: [{ archive: parquet, path: "rows_{part}.parquet" }]
media: images
annotations: { kind: inline, images: image }
text: { adapter: caption, caption: caption }
maxFailureShare: 1
`;

let house: HostileHouse;
let pictures: readonly HostilePicture[];

beforeAll(async () => {
  house = await HostileHouse.open();
  const canvas = sharp({ create: { width: 80, height: 60, channels: 3, background: "#c04020" } });
  const jpeg = await canvas.clone().jpeg().toBuffer();
  const png = await canvas.clone().png().toBuffer();
  pictures = hostilePictures(jpeg, png, house.canaries);
  await house.build(
    inTar,
    tarEntry,
    new Map([
      ["pictures_1.tar", rawTar(pictures.map(({ name, bytes }) => ({ name, data: bytes })))],
      [
        "captions.jsonl",
        Buffer.from(
          pictures.map(({ name }) => `${JSON.stringify({ file: name, text: "A picture." })}\n`).join(""),
        ),
      ],
    ]),
  );
  expect(house.ended.code, house.ended.stderr).toBe(1);
  await house.build(inRows, rowEntry, await parquetFiles(jpeg));
  expect(house.ended.code, house.ended.stderr).toBe(1);
});

afterAll(() => house.close());

/** 300 rows: as a varint, in zigzag, `d804`. The footer's counts are fields of type i64 that follow their predecessor: `16`. */
const stated = Buffer.from("16d804", "hex");
const lied = Buffer.from("16e204", "hex");

async function parquetFiles(jpeg: Buffer): Promise<Map<string, Buffer>> {
  const values = pictures
    .filter(({ bytes }) => bytes.length < 10_000_000)
    .map(({ name, bytes }) => `(${blob(bytes)}, '${name}')`);
  const rows = await duckdbParquet(`SELECT * FROM (VALUES ${values.join(", ")}) t(image, caption)`);
  const sound = await duckdbParquet(
    `SELECT ${blob(jpeg)} AS image, 'row ' || i AS caption FROM range(300) t(i)`,
    "COMPRESSION uncompressed",
  );
  const footer = sound.length - 8 - sound.readUInt32LE(sound.length - 8);
  const damaged = Buffer.from(sound);
  // In the first page of the pictures: its header, and what follows.
  damaged.fill(0xff, 4, 60);
  return new Map([
    ["rows_0.parquet", rows],
    ["rows_1.parquet", lying(sound, footer, 1)],
    ["rows_2.parquet", lying(sound, footer, Number.POSITIVE_INFINITY)],
    ["rows_3.parquet", damaged],
    ["rows_4.parquet", sound.subarray(0, sound.length - 3)],
    ["rows_5.parquet", Buffer.concat([sound.subarray(0, footer), Buffer.from("ffffff7fPAR1")])],
  ]);
}

/** The footer states 305 rows, so often as is said from its beginning on. */
function lying(file: Buffer, footer: number, times: number): Buffer {
  const lie = Buffer.from(file);
  let done = 0;
  for (let at = lie.indexOf(stated, footer); at >= 0 && done < times; at = lie.indexOf(stated, at)) {
    lied.copy(lie, at);
    done += 1;
  }
  if (done === 0) throw new Error("the footer does not state its rows where they were looked for");
  return lie;
}

describe("a build of hostile pictures", () => {
  it("gives every member of a tar its code", () => {
    const fates = house.fates(inTar, "p0001");
    const wrong = pictures.filter(({ name, fate }) => !fate.test(fates[name] ?? "no line"));
    expect(wrong.map(({ name, fate }) => `${name}: expected ${fate.source}, found ${fates[name]}`)).toEqual(
      [],
    );
    expect(Object.keys(fates).length).toBe(pictures.length);
  });

  it("gives every row its code", () => {
    const fates = house.fates(inRows, "p0000");
    const small = pictures.filter(({ bytes }) => bytes.length < 10_000_000);
    const wrong = small.filter(({ fate }, row) => !fate.test(fates[`row ${row}`] ?? "no line"));
    expect(wrong.map(({ name, fate }) => `${name}: expected ${fate.source}`)).toEqual([]);
    expect(Object.keys(fates).length).toBe(small.length);
  });

  it("ends files whose counts lie or whose pages are damaged with the reason, and keeps none of them", async () => {
    expect(await house.endings(inRows)).toEqual({
      p0000: "done",
      p0001: "archive_malformed",
      p0002: "archive_malformed",
      p0003: "archive_malformed",
      p0004: "archive_malformed",
      p0005: "archive_malformed",
    });
  });

  it("balances its books, writes nothing outside, opens nothing and calls nobody", () =>
    house.expectSound(inTar, inRows));
});
