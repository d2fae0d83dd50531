import { asOutput } from "@shardmill/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import { sampleSchema, samplesPageSchema } from "./contract/index.ts";

const jpeg = (number: number): Buffer => Buffer.from(`ffd8ff${"00".repeat(number + 1)}ffd9`, "hex");
let place: TestPlace;
let api: BuiltApi;

beforeAll(async () => {
  place = await openTestPlace();
  const dataset = await catalogueDataset("openvid-1m");
  // Under names that the catalogue has: the service shows no others without an entry.
  for (const [name, layout] of [
    ["openvid-1m", { kind: "packed" }],
    ["vript-short", { kind: "fixed", frames: 5 }],
  ] as const)
    await writeOutput({
      root: place.root,
      dataset: asOutput(dataset, name),
      samplesPerShard: 10,
      parts: [{ part: 0, kind: "done", members: 3, frames: 3 }],
      layout,
      frame: (_, number) => jpeg(number),
    });
  api = await place.open();
});
afterAll(() => place.close());

it.each([
  ["packed", "openvid-1m", ["frames.bin[0]", "frames.bin[1]", "frames.bin[2]"]],
  ["fixed", "vript-short", ["000.jpg", "001.jpg", "002.jpg"]],
])("shows the frames of a sample that is laid out: %s", async (layout, output, names) => {
  const ask = (path: string) =>
    api.app.inject({ url: `/api/builds/${output}/${path}`, headers: { host: "127.0.0.1" } });
  const shard = `${output}-p0000-0000`;
  const listed = await ask(`shards/${shard}/samples`);
  expect(listed.statusCode, listed.body).toBe(200);
  const page = samplesPageSchema.parse(listed.json());
  expect(page.samples.map(({ frames }) => frames)).toEqual([3, 3, 3]);
  const key = page.samples[1]?.key ?? "";
  const sample = sampleSchema.parse((await ask(`samples/${shard}/${key}`)).json());
  expect(sample).toMatchObject({
    layout,
    frames: names.map((name, at) => ({ name: `${key}.${name}`, bytes: at + 6, timeS: at + 0.48 })),
  });
  for (const number of [0, 1, 2])
    expect((await ask(`samples/${shard}/${key}/frames/${number}`)).rawPayload).toEqual(jpeg(number));
  expect((await ask(`samples/${shard}/${key}/frames/3`)).statusCode).toBe(404);
});
