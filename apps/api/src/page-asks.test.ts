import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import { buildsSchema, partsPageSchema, putAwaySchema, samplesPageSchema } from "./contract/index.ts";

/** What the page asks for beside the figures themselves. */
const base = "/api/builds/openvid-1m";
let place: TestPlace;
let api: BuiltApi;

beforeAll(async () => {
  place = await openTestPlace();
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 10,
    parts: [
      { part: 0, kind: "done", members: 10, left: { decode_error: 1 }, frames: 1 },
      { part: 1, kind: "done", members: 20, left: { decode_error: 3 } },
      { part: 11, kind: "missing" },
    ],
  });
  api = await place.open();
});
afterAll(() => place.close());

async function ask(url: string, method: "GET" | "POST" | "DELETE" = "GET", payload?: object) {
  const headers = { host: "127.0.0.1" };
  return api.app.inject(payload === undefined ? { url, method, headers } : { url, method, headers, payload });
}

it.each([
  ["order=failed", ["p0001", "p0000", "p0011"]],
  ["order=samples", ["p0001", "p0000", "p0011"]],
  ["search=P00", ["p0000", "p0001", "p0011"]],
  ["search=11", ["p0011"]],
  ["search=11&state=done", []],
  ["order=failed&pageSize=1&page=2", ["p0000"]],
])("parts?%s", async (query, labels) => {
  const { parts } = partsPageSchema.parse((await ask(`${base}/parts?${query}`)).json());
  expect(parts.map(({ label }) => label)).toEqual(labels);
});

it("a frame's address holds the version of its shard, which is that of its bytes", async () => {
  const list = samplesPageSchema.parse((await ask(`${base}/shards/openvid-1m-p0000-0000/samples`)).json());
  expect(list.version).toMatch(/^[0-9a-f]{16}$/);
  const sample = `${base}/samples/openvid-1m-p0000-0000/${list.samples[0]?.key}`;
  expect((await ask(sample)).json()).toMatchObject({ version: list.version });
  expect((await ask(`${sample}/frames/0?v=${list.version}`)).headers["content-type"]).toBe("image/jpeg");
});

it("a refused request is told until it is put away", async () => {
  const refused = await ask("/api/builds", "POST", { dataset: "openvid-1m", settings: ["unknownThing=1"] });
  expect(refused.statusCode).toBe(400);
  const requests = async () => buildsSchema.parse((await ask("/api/builds")).json()).requests;
  expect(await requests()).toMatchObject([{ dataset: "openvid-1m", state: "failed" }]);
  const away = await ask(`${base}/request`, "DELETE");
  expect(putAwaySchema.parse(away.json())).toEqual({ dataset: "openvid-1m", request: null });
  expect(await requests()).toEqual([]);
});
