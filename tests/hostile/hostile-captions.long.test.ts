import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePictures } from "../datasets/fixtures/pictures.ts";
import { jsonOf, readSamples, tarsIn } from "../support/read-shards.ts";
import { HostileHouse } from "./hostile-house.ts";
import { rawTar } from "./raw-tar.ts";

/** Caption files that mean harm, or were only written carelessly: a subset each, in one build. */

const dataset = "hostile-captions";
const subsets = ["big", "bom", "columns", "garbage", "header", "nothing", "quote"];
const entry = `parts: [{ archive: tar, path: "{subset}/pictures_{part}.tar" }]
media: images
annotations:
  kind: files
  files: [{ path: "{subset}/captions.csv", format: csv }]
  key: file
  match: [exact]
  required: [text]
text: { adapter: caption, caption: text }
maxFailureShare: 1
`;
const megabyte = 1_000_000;

let house: HostileHouse;

beforeAll(async () => {
  house = await HostileHouse.open();
  const [picture = Buffer.of()] = await makePictures(1);
  const tar = rawTar(["a.jpg", "b.jpg", "c.jpg"].map((name) => ({ name, data: picture })));
  const captions: Record<string, Buffer> = {
    // One field that is larger than most files.
    big: Buffer.concat([
      Buffer.from('file,text\na.jpg,"'),
      Buffer.alloc(50 * megabyte, "so it goes, "),
      Buffer.from('"\nb.jpg,short\n'),
    ]),
    bom: Buffer.from('\ufefffile,text\r\na.jpg,"one\r\nand more"\r\nb.jpg,two\nc.jpg,"three"\r\n'),
    columns: Buffer.from("file,text\na.jpg,one\nb.jpg\nc.jpg,three,four\n"),
    garbage: Buffer.concat([
      Buffer.from("file,text\na.jpg,"),
      Buffer.from([0xff, 0xfe, 0x00, 0x80]),
      Buffer.from("\nb.jpg,=cmd|' /C x'!A0\n"),
    ]),
    header: Buffer.from("file,caption\na.jpg,one\n"),
    nothing: Buffer.alloc(0),
    quote: Buffer.from('file,text\na.jpg,"never closed\nb.jpg,two\nc.jpg,three\n'),
  };
  const files = new Map<string, Buffer>();
  for (const subset of subsets) {
    files.set(`${subset}/pictures_1.tar`, tar);
    files.set(`${subset}/captions.csv`, captions[subset] ?? Buffer.alloc(0));
  }
  await house.build(dataset, entry, files);
});

afterAll(() => house.close());

describe("a build with hostile caption files", () => {
  it("reads what is only unusual: a BOM, mixed line ends, breaks in quotes, bytes that are no UTF-8", () => {
    expect(house.fates(dataset, "bom-p0001")).toEqual({
      "a.jpg": "packed",
      "b.jpg": "packed",
      "c.jpg": "packed",
    });
    expect(texts("bom")).toEqual(["one\r\nand more", "two", "three"]);
    expect(house.fates(dataset, "garbage-p0001")).toEqual({
      "a.jpg": "packed",
      "b.jpg": "packed",
      "c.jpg": "no_annotation",
    });
    expect(texts("garbage")).toEqual([expect.stringContaining("\ufffd"), "=cmd|' /C x'!A0"]);
  });

  it("takes a field of 50 MB for the caption it says it is", () => {
    expect(house.fates(dataset, "big-p0001")).toEqual({
      "a.jpg": "packed",
      "b.jpg": "packed",
      "c.jpg": "no_annotation",
    });
    expect(texts("big").map((text) => text.length)).toEqual([50 * megabyte, 5]);
  });

  it("leaves out the records that cannot be read, and takes those beside them", () => {
    expect(house.fates(dataset, "columns-p0001")).toEqual({
      "a.jpg": "packed",
      "b.jpg": "no_annotation",
      "c.jpg": "no_annotation",
    });
    expect(house.fates(dataset, "quote-p0001")).toEqual({
      "a.jpg": "no_annotation",
      "b.jpg": "packed",
      "c.jpg": "packed",
    });
  });

  it("ends the parts of a file that is no such table with the reason and the place", async () => {
    expect(await house.endings(dataset)).toEqual({
      "big-p0001": "done",
      "bom-p0001": "done",
      "columns-p0001": "done",
      "garbage-p0001": "done",
      "header-p0001": "annotations_invalid",
      "nothing-p0001": "annotations_invalid",
      "quote-p0001": "done",
    });
  });

  it("balances its books, writes nothing outside, opens nothing and calls nobody", () =>
    house.expectSound(dataset));
});

function texts(subset: string): string[] {
  const folder = house.folder(dataset);
  return tarsIn(folder)
    .filter((tar) => tar.startsWith(`${dataset}-${subset}-`))
    .flatMap((tar) => readSamples(join(folder, tar)).map((sample) => String(jsonOf(sample).caption)));
}
