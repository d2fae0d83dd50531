import { type Dataset, datasetSchema, Failure, type Message } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { shipped } from "../testing/shipped.ts";
import { composeSampleJson, rereadSampleJson, type SampleJsonInput } from "./index.ts";

type Raw = Omit<SampleJsonInput, "tokens">;

const system = (text: string): Message => ({ role: "system", text });
const user = (text: string): Message => ({ role: "user", text });
const assistant = (text: string): Message => ({ role: "assistant", text });
const info = { durationS: 30, width: 1280, height: 720, fps: 30, codec: "h264" };
const clip = { kind: "clip", timesS: [0, 1, 2.4666], info, complete: true } as const;
const talk = [system("S"), user("1"), assistant("a"), user("2"), assistant("b")];

/** A dataset of one's own, with what a test is about. */
function own(over: Record<string, unknown>): Dataset {
  return datasetSchema.parse({
    ...shipped("openvid-1m"),
    fields: {
      score: { from: "score", type: "float" },
      id: { from: "id", type: "int" },
      note: { from: "note", type: "string" },
    },
    ...over,
  });
}
const conversations = { adapter: "conversations" };
const noFields = { score: null, id: null, note: null };

function of(over: Partial<Raw>): Raw {
  return {
    part: { subset: null, part: 7 },
    member: "a/b.1.mp4",
    frameCount: 3,
    text: { caption: null, conversations: [talk] },
    fields: noFields,
    media: { kind: "frames" },
    ...over,
  };
}

const cases: readonly (readonly [string, Dataset, Raw])[] = [
  [
    "a clip of OpenVid, floats that are whole",
    shipped("openvid-1m"),
    of({
      text: { caption: 'A "clip"\u2028\u0000\ud83d\ude00', conversations: [] },
      media: clip,
      fields: {
        aesthetic_score: 5,
        motion_score: null,
        temporal_consistency_score: 0.99,
        camera_motion: "static",
      },
    }),
  ],
  [
    "a clip that is not complete",
    own({ text: conversations }),
    of({ media: { ...clip, timesS: [], complete: false } }),
  ],
  [
    "frames of a folder, of a subset",
    shipped("vista-400k"),
    of({ part: { subset: "long_video_caption", part: 1 }, member: "x/b.1", videoId: "b.1", fields: {} }),
  ],
  [
    "a picture",
    shipped("the-cauldron"),
    of({
      part: { subset: "ai2d", part: 0 },
      member: "row 3",
      videoId: "train-0-3",
      media: { kind: "images", width: 299, height: 227 },
      frameCount: 1,
      fields: {},
    }),
  ],
  [
    "several pictures, which have no size",
    shipped("the-cauldron"),
    of({
      part: { subset: "nlvr2", part: 0 },
      media: { kind: "images", width: null, height: null },
      frameCount: 2,
      fields: {},
    }),
  ],
  [
    "several records, each with its own system message or none",
    own({ text: conversations }),
    of({
      text: {
        caption: null,
        conversations: [
          talk,
          [assistant("c")],
          [user("3"), assistant("d"), system("T"), user("4"), assistant("e")],
          [system("S"), assistant("f")],
        ],
      },
      media: clip,
    }),
  ],
  [
    "messages that are joined, and blank ones",
    own({ text: conversations }),
    of({
      text: {
        caption: null,
        conversations: [
          [user("1"), user(" "), assistant("a"), assistant("b\n"), user(" \n"), assistant("c")],
        ],
      },
    }),
  ],
  [
    "fields that a double does not hold, and texts that look like numbers",
    own({ media: "images", text: conversations }),
    of({
      media: { kind: "images", width: 1, height: 1 },
      fields: { score: 1e21, id: 7352910847997496619n, note: "30.0" },
    }),
  ],
  [
    "fields that are negative, small, and empty",
    own({ media: "images", text: conversations }),
    of({ fields: { score: -30, id: -9007199254740993n, note: "" } }),
  ],
  ["a float of zero", own({ text: conversations }), of({ fields: { score: -0, id: 0, note: "0" } })],
  [
    "a text alone",
    shipped("smoltalk"),
    of({
      member: "row 5",
      videoId: "train-5",
      frameCount: 0,
      media: { kind: "none" },
      fields: { origin: "x" },
    }),
  ],
  [
    "a pair",
    shipped("rlaif-v"),
    of({
      member: "row 5",
      videoId: "x-5",
      frameCount: 1,
      media: { kind: "images", width: 8, height: 6 },
      text: {
        caption: null,
        conversations: [],
        pair: {
          prompt: [system("S"), user("1"), assistant("a"), user("2")],
          chosen: " good",
          rejected: "bad\n",
        },
      },
      fields: { ds_name: "x", idx: "0", origin_dataset: null, origin_split: '{"a": 1}' },
    }),
  ],
  [
    "a pair that asks nothing, without a picture",
    own({ media: "none", text: { adapter: "preference" } }),
    of({
      frameCount: 0,
      media: { kind: "none" },
      text: { caption: null, conversations: [], pair: { prompt: [], chosen: "good", rejected: "bad" } },
    }),
  ],
];

describe("a sample's JSON that is read again, and composed", () => {
  it.each(cases)("has the same bytes: %s", (_, dataset, raw) => {
    const json = composeSampleJson(dataset, raw);
    expect(composeSampleJson(dataset, rereadSampleJson(dataset, json, "k"))).toBe(json);
  });

  it.each(cases)("has the same bytes with tokens as one that was made with them: %s", (_, dataset, raw) => {
    const one = { tokenIds: Uint32Array.of(1, 70_000), lossMask: Uint8Array.of(0, 1) };
    const made =
      raw.text.pair === undefined
        ? ({ kind: "one", tokens: one } as const)
        : ({ kind: "pair", chosen: one, rejected: one } as const);
    const json = composeSampleJson(dataset, raw);
    for (const keepRaw of [true, false]) {
      const direct = composeSampleJson(dataset, { ...raw, tokens: { made, keepRaw } });
      const reread = rereadSampleJson(dataset, json, "k");
      expect(composeSampleJson(dataset, { ...reread, tokens: { made, keepRaw } })).toBe(direct);
    }
    const withTokens = composeSampleJson(dataset, { ...raw, tokens: { made, keepRaw: true } });
    expect(composeSampleJson(dataset, rereadSampleJson(dataset, withTokens, "k"))).toBe(json);
  });

  it.each(cases.filter(([, , { text }]) => text.pair === undefined))(
    "has of each turn the bytes of that turn alone: %s",
    (_, dataset, raw) => {
      const read = rereadSampleJson(dataset, composeSampleJson(dataset, raw), "k");
      for (const conversation of read.text.conversations) {
        const json = composeSampleJson(dataset, {
          ...read,
          text: { caption: null, conversations: [conversation] },
        });
        expect(composeSampleJson(dataset, rereadSampleJson(dataset, json, "k"))).toBe(json);
      }
    },
  );
});

describe("a JSON that no sample can be made of", () => {
  const dataset = own({ text: conversations });
  const json = JSON.parse(composeSampleJson(dataset, of({ media: clip }))) as Record<string, unknown>;
  const refused = (text: string): unknown => {
    try {
      return rereadSampleJson(dataset, text, "the-key");
    } catch (error) {
      return error;
    }
  };
  const without = (...keys: string[]) =>
    JSON.stringify(Object.fromEntries(Object.entries(json).filter(([key]) => !keys.includes(key))));

  it.each([
    ["no JSON", "{", "it is no JSON"],
    ["a list", "[]", ""],
    ["null", "null", ""],
    ["one without its member", without("member"), "member"],
    ["one without its part", without("part"), "part"],
    [
      "a turn without an answer",
      JSON.stringify({ ...json, conversations: [{ user: "1" }] }),
      "conversations",
    ],
    [
      "one that keeps no texts",
      without("caption", "caption_from", "user", "assistant", "conversations"),
      "it keeps no text",
    ],
  ])("is invalid, with the sample's key: %s", (_, text, why) => {
    const error = refused(text);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: "shard_invalid", retry: "never", where: { member: "the-key" } });
    expect((error as Failure).message).toContain("the-key");
    expect((error as Failure).message).toContain(why);
  });
});
