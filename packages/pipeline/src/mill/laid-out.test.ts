import type { TextPool } from "@shardmill/core";
import { framesOf, type Sample } from "@shardmill/shards";
import { openTextPool, readTokenizerFiles } from "@shardmill/text";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  contextOf,
  type Kind,
  kinds,
  direct as madeDirectly,
  tokenizerFiles,
} from "../../testing/sample-kinds.ts";
import { copiedSample, copiesSamples, laidOut } from "./laid-out.ts";

let texts: TextPool;
beforeAll(async () => {
  texts = await openTextPool(readTokenizerFiles(tokenizerFiles), { size: 1 });
});
afterAll(() => texts.close());

const tokens = { format: "tokens", prompt: "What?" };
const withPictures = Object.keys(kinds).filter((name) => name !== "a text alone");
const kindOf = (name: string): Kind => kinds[name] ?? kinds["a pair"]!;
const recordOf = (kind: Kind, recipe: Record<string, unknown>) => contextOf(kind, recipe).build;

/** Samples of an output, laid out as its part of a build does it. */
function again(kind: Kind, layout: string, samples: readonly Sample[]) {
  return samples.map(({ key, members }, position) =>
    laidOut(recordOf(kind, { layout }), copiedSample({ position, name: key, at: {}, records: [] }, members)),
  );
}
const jsonOf = ({ members }: Sample): Record<string, unknown> =>
  JSON.parse(Buffer.from(members.find(({ suffix }) => suffix === "json")?.bytes ?? []).toString()) as Record<
    string,
    unknown
  >;
const told = (samples: readonly Sample[]) =>
  samples.map(({ key, members, frames }) => [
    key,
    frames,
    members.map(({ suffix, bytes }) => `${suffix}: ${Buffer.from(bytes).toString()}`),
  ]);
const pictures = (sample: Sample, metadata: unknown) =>
  framesOf(sample, metadata).map(({ jpeg }) => Buffer.from(jpeg).toString());

describe.each(withPictures)("a sample of %s, laid out from an output", (name) => {
  const kind = kindOf(name);

  it.each(["packed", "fixed-4", "fixed-1"])("is what a build makes with layout %s", async (layout) => {
    for (const recipe of [{}, { text: tokens }, { text: { ...tokens, keepRaw: false } }]) {
      const raw = await madeDirectly(kind, recipe, texts);
      const [made] = again(kind, layout, raw.samples);
      const built = laidOut(recordOf(kind, { layout }), raw);
      expect(told(made?.samples ?? [])).toEqual(told(built.samples));
      expect(made?.line).toMatchObject({ member: raw.samples[0]?.key, outcome: "packed" });
      expect([made?.line.frames, made?.line.detail]).toEqual([built.line.frames, built.line.detail]);
    }
  });

  it.each(["packed", "fixed-4"])("shows the pictures and says all that it did: %s", async (layout) => {
    const raw = await madeDirectly(kind, {}, texts);
    const [before] = raw.samples;
    const [after] = laidOut(recordOf(kind, { layout }), raw).samples;
    if (before === undefined || after === undefined) throw new Error("nothing was made");
    expect(pictures(after, jsonOf(after))).toEqual(pictures(before, null));
    const { frame_offsets: _, frame_padding: __, ...rest } = jsonOf(after);
    expect(JSON.stringify(rest)).toBe(JSON.stringify(jsonOf(before)));
  });
});

describe("a layout", () => {
  const clip = kindOf("a clip with a caption");
  const textOf = ({ members }: Sample) =>
    Buffer.from(members.find(({ suffix }) => suffix === "json")?.bytes ?? []).toString();

  it("packed has one file, and where each picture begins and the last one ends", async () => {
    const raw = await madeDirectly(clip, {}, texts);
    const [sample] = laidOut(recordOf(clip, { layout: "packed" }), raw).samples;
    const sizes = raw.samples[0]?.members.slice(0, -1).map(({ bytes }) => bytes.length) ?? [];
    expect(sample?.members.map(({ suffix }) => suffix)).toEqual(["frames.bin", "json"]);
    expect(sample && jsonOf(sample)).toMatchObject({
      frame_count: 2,
      frame_times: [0, 1],
      frame_offsets: [0, sizes[0], (sizes[0] ?? 0) + (sizes[1] ?? 0)],
    });
  });

  it("fixed has as many files as asked, the last again, and says how many it shows", async () => {
    const raw = await madeDirectly(clip, {}, texts);
    const [sample] = laidOut(recordOf(clip, { layout: "fixed-4" }), raw).samples;
    const names = sample?.members.map(({ suffix }) => suffix);
    expect(names).toEqual(["000.jpg", "001.jpg", "002.jpg", "003.jpg", "json"]);
    const bytes = sample?.members.map((member) => Buffer.from(member.bytes).toString()) ?? [];
    expect([bytes[2], bytes[3]]).toEqual([bytes[1], bytes[1]]);
    expect(sample && jsonOf(sample)).toMatchObject({ frame_count: 2, frame_padding: 2 });
  });

  it("fixed keeps the first pictures of a sample with more, their times to the digit, and its line says so", async () => {
    const raw = await madeDirectly(clip, {}, texts);
    const { samples, line } = laidOut(recordOf(clip, { layout: "fixed-1" }), raw);
    const [sample] = samples;
    expect(sample && textOf(sample)).toContain('"frame_count":1,');
    expect(sample && textOf(sample)).toContain('"frame_times":[0.0],');
    expect(sample && jsonOf(sample)).toMatchObject({ frame_padding: 0 });
    expect(line).toMatchObject({ frames: 1, detail: "1 of 2 frames" });
  });

  it("counts the pictures that several samples of a member share once", async () => {
    const kind = kindOf("frames of a folder");
    const raw = await madeDirectly(kind, { records: "each", turns: "each" }, texts);
    expect([raw.samples.length > 1, raw.line.frames]).toEqual([true, 2]);
    const { samples, line } = laidOut(recordOf(kind, { layout: "fixed-1" }), raw);
    expect([samples.length, line.frames]).toEqual([raw.samples.length, 1]);
  });

  it("changes what a text says of frames no more than any other text", async () => {
    const said = 'x "frame_count":9, "frame_times":[7] and } in it';
    const kind = { ...clip, records: [{ caption: said, score: 5 }] };
    const raw = await madeDirectly(kind, {}, texts);
    const [sample] = laidOut(recordOf(kind, { layout: "fixed-1" }), raw).samples;
    expect(sample && jsonOf(sample)).toMatchObject({ caption: said, frame_count: 1, frame_times: [0] });
  });

  it("is copied from another output alone: what a source gives is milled", () => {
    const of = (kind: "hub" | "output", recipe: Record<string, unknown>) =>
      copiesSamples({ ...recordOf(clip, recipe), source: { kind, name: "", revision: null, location: "x" } });
    expect(of("output", { layout: "packed" })).toBe(true);
    expect(of("output", { layout: "frames" })).toBe(false);
    expect(of("hub", { layout: "packed" })).toBe(false);
  });

  it("is refused where a sample has no picture", () => {
    const json = { suffix: "json", bytes: Buffer.from("{}") };
    expect(() => again(clip, "packed", [{ key: "k", members: [json] }])).toThrow(
      expect.objectContaining({ code: "shard_invalid", where: { member: "k" } }),
    );
  });
});
