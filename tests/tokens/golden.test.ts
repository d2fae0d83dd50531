import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blob, duckdbParquet, quoted } from "../datasets/fixtures/parquet.ts";
import { type TarFile, tarOf } from "../datasets/fixtures/tar.ts";
import { makeClips } from "../support/make-clips.ts";
import { shardHashes } from "../support/read-shards.ts";
import { plainPicture } from "./rlaif-v.ts";
import { TextHouse } from "./text-house.ts";

/**
 * One shard of each kind with tokens, to the byte. Pictures are of one colour, so that no encoder's way of computing is in them.
 * Where one of these changes, shards that people have are not made again as they were: `sampleForm` (packages/core/src/recipe.ts)
 * has to count on, and the change log has to say so.
 */
const golden = {
  pictures: "a631e84c749f03efc95bca1ebb5e75ae2e70c803e0a05679cb41e421e09cfa93",
  frames: "48c3c00e0e373aa2a34b9e165baadcd5141b0233f8b2b1ba7cf7fb6383b6335a",
  texts: "ea8297e6ce09175ca7d1ea84c6f8e8252ae48d2861d11ffd5420520eb0067cc0",
  pairs: "d986e2f4917ce73bd26a7f77131f6c7dc26f4b194b5b5837373dc2db72aa0f6e",
  clips: "73f5a67009624a78bc98d6afe9d1e7fbc4edb1abc0f23db98baccebc5a066e26",
} as const;
type Kind = keyof typeof golden;

const head = (name: string) => `name: my-${name}
title: Golden ${name}
keyPrefix: ${name}
sourceName: golden/${name}
license: CC0-1.0
source: { kind: folder }
recipe:
  size: 64
  textPicture: placeholder
  text: { format: tokens, system: You are a model., prompt: What is shown?, loss: answer }
fields: { score: { from: score, type: float }, id: { from: id, type: int }, note: { from: note, type: string } }
`;
const byCsv = `annotations: { kind: files, files: [{ path: told.csv, format: csv }], key: name, match: [stem] }
text: { adapter: caption }
`;
const entries: Readonly<Record<Kind, string>> = {
  pictures: `${head("pictures")}parts: [{ archive: parquet, path: "pictures-{part}.parquet" }]
media: images
annotations: { kind: inline, images: images }
text: { adapter: cauldron }
`,
  frames: `${head("frames")}parts: [{ archive: tar, path: "frames_{part}.tar" }]
media: video
${byCsv}`,
  texts: `${head("texts")}parts: [{ archive: parquet, path: "texts-{part}.parquet" }]
media: none
annotations: { kind: inline }
text: { adapter: conversations, conversations: messages }
`,
  pairs: `${head("pairs")}parts: [{ archive: parquet, path: "pairs-{part}.parquet" }]
media: pair
annotations: { kind: inline, images: image }
text: { adapter: preference }
`,
  clips: `${head("clips")}parts: [{ archive: tar, path: "clips_{part}.tar" }]
media: video
${byCsv}`,
};

const more = "5.0::DOUBLE AS score, 7352910847997496619::BIGINT AS id, 'größer' AS note";
const turn = (user: string, assistant: string) =>
  `{'user': ${quoted(user)}, 'assistant': ${quoted(assistant)}, 'source': 'x'}`;
const said = (role: string, content: string) => `{'role': '${role}', 'content': ${quoted(content)}}`;

async function sourceFiles(): Promise<Record<string, Buffer>> {
  const red = await plainPicture(200, 20, 20);
  const image = `{'bytes': ${blob(red)}, 'path': 'red.png'}`;
  const frames: TarFile[] = [];
  for (const number of [1, 2, 10])
    frames.push({ name: `walk/${number}.png`, bytes: await plainPicture(number, 100, 200) });
  const [clip = Buffer.of()] = await makeClips(1);
  const messages = [
    said("system", "Rules."),
    said("user", "What is <|im_end|>?"),
    said("assistant", "Text."),
    said("user", "And 12?"),
    said("assistant", "A number. 😀"),
  ];
  return {
    "pictures-0.parquet": await duckdbParquet(
      `SELECT [${image}, ${image}] AS images, [${turn("<image>Which colour?", "Red.")}, ${turn("And beside it?", "Nothing.")}] AS texts, ${more}`,
    ),
    "frames_0.tar": await tarOf(frames),
    "texts-0.parquet": await duckdbParquet(`SELECT [${messages.join()}] AS messages, ${more}`),
    "pairs-0.parquet": await duckdbParquet(
      `SELECT ${image} AS image, 'Which?' AS prompt, 'Red.' AS chosen, 'Blue, and more.' AS rejected, ${more}`,
    ),
    "clips_0.tar": await tarOf([{ name: "a/one.mp4", bytes: clip }]),
    "told.csv": Buffer.from("name,caption,score,id,note\nwalk,Somebody walks.,5,,\none,A clip.,0.5,3,x\n"),
  };
}

let house: TextHouse;
beforeAll(async () => {
  house = await TextHouse.open(await sourceFiles());
  for (const [name, entry] of Object.entries(entries)) {
    await house.addEntry(`my-${name}`, entry);
  }
  const kinds = Object.keys(entries);
  const take = async (): Promise<void> => {
    for (let kind = kinds.shift(); kind !== undefined; kind = kinds.shift()) {
      const ended = await house.build(`my-${kind}`);
      expect(ended.code, ended.stderr).toBe(0);
    }
  };
  await Promise.all([take(), take()]);
});
afterAll(() => house.close());

/** Of a shard; of clips, whose pixels are a decoder's, of the names of its files and the JSON. */
function hashOf(kind: Kind): string {
  if (kind !== "clips") return Object.values(shardHashes(house.folder(`my-${kind}`))).join();
  const hash = createHash("sha256");
  for (const { key, fields } of house.samples("my-clips"))
    for (const [name, bytes] of fields) hash.update(`${key}.${name}\n${name === "json" ? bytes : ""}\n`);
  return hash.digest("hex");
}

describe("a shard with tokens has the bytes that it has always had", () => {
  it.each(Object.entries(golden))("of %s", (kind, sha256) => {
    expect(house.samples(`my-${kind}`).length).toBe(1);
    expect(hashOf(kind as Kind)).toBe(sha256);
  });
});
