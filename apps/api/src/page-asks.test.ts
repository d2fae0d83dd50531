import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import {
  buildsSchema,
  partsPageSchema,
  putAwaySchema,
  requestAnswerSchema,
  samplesPageSchema,
  workersSchema,
} from "./contract/index.ts";

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

it("a worker is told to take no new job by its name, and says itself whether it does", async () => {
  const beat = {
    worker: "box/1/mill",
    host: "box",
    pid: 1,
    version: "0.1.0",
    role: "mill" as const,
    current: [],
  };
  await place.queue.beat({ ...beat, startedAt: "2026-11-20T05:00:00.000Z", memoryBytes: 2e8 });
  const told = await ask("/api/workers/rest", "POST", { worker: "box/1/mill", rests: true });
  expect([told.statusCode, await place.queue.isToRest("box/1/mill")]).toEqual([200, true]);
  const shown = async () => workersSchema.parse((await ask("/api/workers")).json()).workers;
  expect(await shown()).toMatchObject([
    { rests: false, startedAt: "2026-11-20T05:00:00.000Z", memoryBytes: 2e8 },
  ]);
  await place.queue.beat({ ...beat, rests: true });
  expect(await shown()).toMatchObject([{ rests: true, startedAt: null, memoryBytes: null }]);
  await ask("/api/workers/rest", "POST", { worker: "box/1/mill", rests: false });
  expect(await place.queue.isToRest("box/1/mill")).toBe(false);
});

it("damaged shards of some parts are found by reading them, and made again", async () => {
  const retry = async (parts: string, dryRun: boolean) => {
    const body = { selection: { kind: "corrupt", parts }, dryRun };
    return requestAnswerSchema.parse((await ask(`${base}/retry`, "POST", body)).json());
  };
  // The tars of part 1 are as long as they should be, and hold nothing.
  expect(await retry("0", true)).toMatchObject({ state: "dry_run", items: [] });
  expect((await retry("0-1", true)).items).toMatchObject([{ label: "p0001", shards: 2 }]);
  const tar = join(place.root, "openvid-1m/openvid-1m-p0000-0000.tar");
  const bytes = await readFile(tar);
  bytes[600] = (bytes[600] ?? 0) ^ 1;
  await writeFile(tar, bytes);
  const shown = await retry("0-1", true);
  expect(shown.items.map(({ label, shards }) => [label, shards])).toEqual([
    ["p0000", 1],
    ["p0001", 2],
  ]);
  expect(await retry("0-1", false)).toEqual({ ...shown, state: "queued" });
  const wrong = await ask(`${base}/retry`, "POST", { selection: { kind: "corrupt", parts: "7" } });
  expect(wrong.statusCode).toBe(400);
});
