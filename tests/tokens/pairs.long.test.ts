import { Tokenizer as Oracle } from "@huggingface/tokenizers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partsByLabel } from "../support/build-status.ts";
import { type Ended, shardmillJson } from "../support/shardmill.ts";
import { pairs, rlaifFiles } from "./rlaif-v.ts";
import { seedReadsPair } from "./seed-reader.ts";
import { picturesOf, TextHouse, tokenizerFiles } from "./text-house.ts";

const oracle = new Oracle(JSON.parse(tokenizerFiles.tokenizer), {});
const idsOf = (text: string): number[] => oracle.encode(text, { add_special_tokens: false }).ids;

let house: TextHouse;
const ended: Record<string, Ended> = {};

const message = (role: string, content: string) => ({ role, content });
const ownJsonl = [
  { prompt: "Q?", chosen: "Good.", rejected: "Bad." },
  {
    chosen: [
      message("user", "1?"),
      message("assistant", "a"),
      message("user", "2?"),
      message("assistant", "Yes."),
    ],
    rejected: [
      message("user", "1?"),
      message("assistant", "a"),
      message("user", "2?"),
      message("assistant", "No."),
    ],
  },
  { prompt: "Q?", chosen: "Good.", rejected: "Good." },
  { prompt: "Q?", chosen: "Good.", rejected: 5 },
  { prompt: "Q?", chosen: null, rejected: "Bad." },
]
  .map((row) => JSON.stringify(row))
  .join("\n");
const ownEntry = (media: string) => `name: my-pairs
title: My own pairs
keyPrefix: mine
sourceName: mine
license: CC-BY-4.0
source: { kind: folder }
parts: [{ archive: table, path: "own/pairs-{part}.jsonl" }]
media: ${media}
annotations: { kind: rows, format: jsonl }
text: { adapter: preference }
`;

beforeAll(async () => {
  house = await TextHouse.open({ ...(await rlaifFiles()), "own/pairs-0.jsonl": `${ownJsonl}\n` });
  await house.addEntry("my-pairs", ownEntry("none"));
  const dpo = ["--recipe", "seed-dpo"];
  const builds: readonly (readonly [string, Promise<Ended>])[] = [
    ["raw", house.build("rlaif-v")],
    ["tokens", house.build("rlaif-v", ["--as", "rlaif-v-dpo", ...dpo])],
    ["bare", house.build("rlaif-v", ["--as", "rlaif-v-bare", ...dpo, "--set", "text.keepRaw=false"])],
    ["own", house.build("my-pairs", dpo)],
  ];
  for (const [name, building] of builds) ended[name] = await building;
});
afterAll(() => house.close());

const packedRows = [0, 1, 2, 3, 6, 7];

/** The two sides' ids and masks, by the template written out: what comes before the last answer is not learnt. */
function expectedSide(asked: string, answer: string): { ids: number[]; mask: number[] } {
  const before = idsOf(
    `<|im_start|>system\nYou are a helpful AI assistant.<|im_end|>\n${asked}<|im_start|>assistant\n`,
  );
  const said = idsOf(`${answer}<|im_end|>\n`);
  return { ids: [...before, ...said], mask: [...before.map(() => 0), ...said.map(() => 1)] };
}
const user = (text: string) => `<|im_start|>user\n${text}<|im_end|>\n`;
const assistant = (text: string) => `<|im_start|>assistant\n${text}<|im_end|>\n`;

describe("pairs over pictures", () => {
  it("are samples, and rows without a preference or an answer are told", async () => {
    for (const name of ["raw", "tokens", "bare"]) expect(ended[name]?.code, ended[name]?.stderr).toBe(0);
    for (const name of ["rlaif-v", "rlaif-v-dpo", "rlaif-v-bare"])
      expect(await partsByLabel(name, house.out()), name).toMatchObject({
        p0000: {
          state: "done",
          ...{ members: 8, packed: 6, failed: 0, skipped: 2 },
          byCode: { no_preference: 1, no_annotation: 1 },
        },
      });
    expect(house.samples("rlaif-v-dpo").map(({ key }) => key)).toEqual(
      packedRows.map((row) => `rlaifv-p0000-00000${row}`),
    );
  });

  it("are read by the training with their texts, and by its checker with their tokens", () => {
    const read = (name: string, want: { texts: boolean; tokens: boolean }) =>
      house.samples(name).map((sample) => seedReadsPair(sample.json, picturesOf(sample).length, want));
    const nothing = packedRows.map(() => null);
    expect(read("rlaif-v", { texts: true, tokens: false })).toEqual(nothing);
    expect(read("rlaif-v-dpo", { texts: true, tokens: true })).toEqual(nothing);
    expect(read("rlaif-v-bare", { texts: false, tokens: true })).toEqual(nothing);
    expect(read("rlaif-v", { texts: true, tokens: true })).not.toEqual(nothing);
  });

  it("have the question, both answers, and a caption that is the chosen one", () => {
    for (const [at, { json }] of house.samples("rlaif-v").entries()) {
      const { question, chosen, rejected } = pairs[packedRows[at] ?? -1]!;
      const asked = question.replace(" <image> ", " ");
      expect(json).toMatchObject({
        ...{ user: asked, chosen_assistant: chosen, rejected_assistant: rejected },
        ...{ caption: chosen, caption_from: "answer", source: "rlaif_v", frame_count: 1 },
        ...{ width: 48, height: 32, ds_name: "RLAIF-V", idx: String(packedRows[at]) },
        prompt: [{ role: "user", content: asked }],
      });
      expect(Object.keys(json)).not.toContain("assistant");
    }
  });

  it("have the tokens of the template, and the loss on the answers", () => {
    for (const name of ["rlaif-v-dpo", "rlaif-v-bare"])
      for (const [at, { json }] of house.samples(name).entries()) {
        const { question, ...sides } = pairs[packedRows[at] ?? -1]!;
        for (const side of ["chosen", "rejected"] as const) {
          const { ids, mask } = expectedSide(user(question.replace(" <image> ", " ")), sides[side]);
          expect([json[`${side}_token_ids`], json[`${side}_loss_mask`]]).toEqual([ids, mask]);
        }
      }
    const texts = house.samples("rlaif-v-bare").flatMap(({ json }) => Object.keys(json));
    expect(texts.filter((key) => /caption|user|assistant|prompt/.test(key))).toEqual([]);
  });

  it("have the same picture where their rows have, and another where they have another", () => {
    const pictures = house.samples("rlaif-v").map((sample) => picturesOf(sample)[0]!.toString("hex"));
    const numbers = packedRows.map((row) => pairs[row]!.picture);
    for (const [at, picture] of pictures.entries())
      expect(picture === pictures[0], `sample ${at}`).toBe(numbers[at] === numbers[0]);
    expect(new Set(pictures).size).toBe(3);
  });

  it("pass verify, every picture looked at", async () => {
    expect(await shardmillJson(["verify", house.folder("rlaif-v-dpo"), "--deep"])).toMatchObject({
      ok: true,
      problems: [],
    });
  });
});

describe("pairs of one's own, without pictures", () => {
  it("are samples, and what is none is told", async () => {
    expect(ended.own?.code, ended.own?.stderr).toBe(1);
    expect(await partsByLabel("my-pairs", house.out())).toMatchObject({
      p0000: {
        ...{ members: 5, packed: 2, failed: 1, skipped: 2 },
        byCode: { no_preference: 1, annotation_invalid: 1, no_annotation: 1 },
      },
    });
    const samples = house.samples("my-pairs");
    expect(samples.map(({ json }) => [json.user, json.chosen_assistant, json.rejected_assistant])).toEqual([
      ["Q?", "Good.", "Bad."],
      ["2?", "Yes.", "No."],
    ]);
    expect(samples.map(({ fields }) => [...fields.keys()])).toEqual([["json"], ["json"]]);
  });

  it("have the loss on the last answers alone, whatever was answered before", () => {
    const [, several] = house.samples("my-pairs");
    const asked = `${user("1?")}${assistant("a")}${user("2?")}`;
    for (const [side, answer] of [
      ["chosen", "Yes."],
      ["rejected", "No."],
    ] as const) {
      const { ids, mask } = expectedSide(asked, answer);
      expect([several?.json[`${side}_token_ids`], several?.json[`${side}_loss_mask`]]).toEqual([ids, mask]);
    }
  });

  it.each([
    ["images", "text alone: media: none"],
    ["pair", "text alone: media: none"],
    ["video", "the adapter preference needs media: pair, or none"],
  ])("are told of a media that they cannot have: %s", async (media, why) => {
    const file = `${house.scratch}/wrong.yaml`;
    await house.put(file, ownEntry(media).replace("my-pairs", "wrong"));
    const refused = await house.run("datasets", "add", file);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(why)]);
  });
});
