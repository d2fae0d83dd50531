import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { partStates as coreStates, recordVersion } from "@shardmill/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import {
  buildDetailSchema,
  buildsSchema,
  datasetsSchema,
  failuresSchema,
  partDetailSchema,
  partStates,
  partsPageSchema,
  sampleSchema,
  samplesPageSchema,
  shardsPageSchema,
  workersSchema,
} from "./contract/index.ts";

let place: TestPlace;
let api: BuiltApi;

beforeAll(async () => {
  place = await openTestPlace();
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 10,
    asked: [0, 1, 3, 4, 5],
    parts: [
      { part: 0, kind: "done", members: 25, frames: 3, left: { decode_error: 2, no_annotation: 3 } },
      {
        part: 1,
        kind: "partial",
        members: 40,
        left: { decode_error: 2, decode_timeout: 2 },
        remarks: [{ code: "annotation_invalid", detail: "row 7 has 3 cells", count: 4 }],
      },
      { part: 2, kind: "missing" },
      { part: 3, kind: "absent" },
      { part: 4, kind: "failed", members: 10 },
      { part: 5, kind: "stale", members: 10 },
    ],
  });
  api = await place.open();
});
afterAll(() => place.close());

async function get(url: string): Promise<unknown> {
  const answer = await api.app.inject({ url, headers: { host: "127.0.0.1" } });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const base = "/api/builds/openvid-1m";

describe("reading", () => {
  it("uses core's part states", () => {
    expect([...partStates]).toEqual([...coreStates]);
  });

  it("lists builds with totals that balance", async () => {
    const { builds } = buildsSchema.parse(await get("/api/builds"));
    expect(builds).toHaveLength(1);
    const { totals, states } = builds[0]!;
    expect(totals.members).toBe(totals.packed + totals.failed + totals.skipped);
    // Half of a part has its plan only; three parts were asked for and are not done, whose shards may all be there.
    expect([totals.toDo, totals.partsToDo]).toEqual([20, 3]);
    expect(totals.failed).toBe(6);
    expect(totals.skipped).toBe(3);
    expect(states).toMatchObject({
      done: 1,
      partial: 1,
      missing: 1,
      absent: 1,
      failed: 1,
      stale: 1,
      running: 0,
    });
  });

  it("tells one build with its recipe, source and toolchain", async () => {
    const detail = buildDetailSchema.parse(await get(base));
    expect(detail).toMatchObject({ license: "CC-BY-4.0", active: false, control: "run", request: null });
    expect(detail.recipe).toMatchObject({ samplesPerShard: 10, size: 224 });
    expect(detail.budget.disk.freeBytes).toBeGreaterThan(0);
  });

  it("tells when a build was at work last, and counts no further than its end", async () => {
    const time = async () => buildDetailSchema.parse(await get(base)).time;
    expect(await time()).toEqual({ state: "none", beganAt: null, seconds: 0, endedAt: null });
    const beganAt = "2026-11-20T05:00:00.000Z";
    const record = (endedAt: string | null): Promise<void> =>
      writeFile(
        join(place.root, "openvid-1m/.shardmill/last-run.json"),
        JSON.stringify({ version: recordVersion, beganAt, endedAt }),
      );
    const endedAt = "2026-11-20T05:02:03.500Z";
    await record(endedAt);
    expect(await time()).toEqual({ state: "ended", beganAt, seconds: 123.5, endedAt });
    const { builds } = buildsSchema.parse(await get("/api/builds"));
    expect(builds[0]?.time).toEqual({ state: "ended", beganAt, seconds: 123.5, endedAt });
    // Its owner was killed: part 4, the last to end, did so two hours later.
    await record(null);
    expect(await time()).toEqual({ state: "unknown", beganAt, seconds: 7_200, endedAt: null });
  });

  it("finds left-out members by a text in their names or in what was found, and by cause", async () => {
    const search = async (query: string) =>
      failuresSchema.parse(await get(`${base}/failures?${query}`)).members;
    const every = await search("pageSize=100");
    const one = every.items.find(({ code }) => code === "decode_timeout")!;
    const name = encodeURIComponent(one.member.toUpperCase());
    expect((await search(`search=${name}&part=${one.part}`)).items).toContainEqual(one);
    expect((await search(`search=${name}&code=no_annotation`)).items).toEqual([]);
    const found = every.items.filter(({ code }) => code === "decode_error");
    const second = await search("search=.&code=decode_error&pageSize=3&page=2");
    expect(second).toMatchObject({ total: found.length, notSearched: 0, items: found.slice(3) });
    expect(await search("search=%5B(")).toMatchObject({ total: 0, items: [] });
  });

  it("finds the shard of a sample by its key, and of no other", async () => {
    const shards = shardsPageSchema.parse(await get(`${base}/shards?part=0`)).shards;
    for (const { shard, firstKey, lastKey } of shards)
      for (const key of [firstKey, lastKey])
        expect(await get(`${base}/keys/${key}`)).toEqual({ key, part: "p0000", shard });
    for (const key of ["openvid-p0000-000099", "openvid-p0009-000001", `${shards[0]?.firstKey}0`, "x"])
      expect((await api.app.inject({ url: `${base}/keys/${key}` })).statusCode, key).toBe(404);
  });

  it("pages parts and filters them by state", async () => {
    const all = partsPageSchema.parse(await get(`${base}/parts?pageSize=2&page=2`));
    expect(all).toMatchObject({ total: 6, page: 2 });
    expect(all.parts.map(({ label }) => label)).toEqual(["p0002", "p0003"]);
    const some = partsPageSchema.parse(await get(`${base}/parts?state=failed,absent`));
    expect(some.parts.map(({ label, state }) => `${label} ${state}`)).toEqual([
      "p0003 absent",
      "p0004 failed",
    ]);
    expect(some.parts[1]?.error).toMatchObject({
      code: "archive_malformed",
      remedy: expect.stringContaining("verify"),
    });
  });

  it("tells a part with its shards, what is open, and how it ended", async () => {
    const partial = partDetailSchema.parse(await get(`${base}/parts/p0001`));
    expect(partial.shards).toHaveLength(2);
    expect(partial.open?.map(({ range }) => range)).toEqual([2, 3]);
    const failed = partDetailSchema.parse(await get(`${base}/parts/p0004`));
    expect(failed.end).toMatchObject({ state: "failed", code: "archive_malformed" });
  });

  it("a part is named in all the ways of --parts, in addresses and queries", async () => {
    for (const name of ["p0001", "1", "0001", "P1"]) {
      const { part } = partDetailSchema.parse(await get(`${base}/parts/${name}`));
      expect(part.label).toBe("p0001");
      const { members } = failuresSchema.parse(
        await get(`${base}/failures?code=decode_timeout&part=${name}`),
      );
      expect(members.total).toBe(2);
      expect(shardsPageSchema.parse(await get(`${base}/shards?part=${name}`)).total).toBe(2);
    }
    expect(shardsPageSchema.parse(await get(`${base}/shards?part=p0000-p0001`)).total).toBe(5);
  });

  it.each([
    ["parts/0-1", 400, /0-1 names 2 parts/],
    ["parts/1-0", 400, /runs backwards/],
    ["parts/ai2d%3A1", 404, /openvid-1m has no part ai2d:1; it has 6 parts, from p0000 to p0005/],
    ["failures?part=p0099", 404, /has no part p0099/],
    ["shards?part=0,99", 404, /has no part 99/],
    ["shards?part=", 400, /part/],
    ["parts/%0a", 400, /label/],
  ])("refuses %s with %i", async (path, status, message) => {
    const answer = await api.app.inject({ url: `${base}/${path}`, headers: { host: "127.0.0.1" } });
    expect([answer.statusCode, answer.json<{ message: string }>().message]).toEqual([
      status,
      expect.stringMatching(message),
    ]);
  });

  it("tells remarks with their meaning, and what each retry would run", async () => {
    const { part } = partDetailSchema.parse(await get(`${base}/parts/p0001`));
    const remark = { code: "annotation_invalid", detail: "row 7 has 3 cells", count: 4 };
    expect(part.remarks).toEqual([{ ...remark, meaning: expect.stringMatching(/\w/) }]);
    const detail = buildDetailSchema.parse(await get(base));
    expect(detail.partRemarks).toMatchObject([{ ...remark, parts: 1, first: "p0001" }]);
    expect(detail.annotationRemarks).toEqual([]);
    expect(detail.retries).toMatchObject({ missingOfAll: detail.retries.missing + 1, stale: 1 });
    const { parts } = partsPageSchema.parse(await get(`${base}/parts`));
    expect(parts.filter(({ asked }) => !asked).map(({ label }) => label)).toEqual(["p0002"]);
  });

  it("groups what was left out by code, with meaning, remedy and examples", async () => {
    const { groups, failed, skipped, parts, members } = failuresSchema.parse(await get(`${base}/failures`));
    expect(groups.map(({ code, count, kind }) => `${code} ${count} ${kind}`)).toEqual([
      "decode_error 4 failed",
      "decode_timeout 2 failed",
      "no_annotation 3 skipped",
    ]);
    expect({ failed, skipped }).toEqual({ failed: 6, skipped: 3 });
    expect(groups.every(({ examples, meaning }) => examples.length > 0 && meaning !== "")).toBe(true);
    expect(parts.map(({ label }) => label)).toEqual(["p0004"]);
    expect(members.total).toBe(9);
  });

  it("pages the members of a group over parts without losing or doubling one", async () => {
    const seen: string[] = [];
    for (let page = 1; page <= 3; page += 1) {
      const { members } = failuresSchema.parse(await get(`${base}/failures?page=${page}&pageSize=3`));
      seen.push(...members.items.map(({ part, position }) => `${part}/${position}`));
    }
    expect(seen).toHaveLength(9);
    expect(new Set(seen).size).toBe(9);
    const one = failuresSchema.parse(await get(`${base}/failures?code=decode_timeout&part=p0001`));
    expect(one.members).toMatchObject({ total: 2 });
    expect(one.members.items.every(({ code }) => code === "decode_timeout")).toBe(true);
  });

  it("lists shards and samples and reads one sample through the index", async () => {
    const { shards, total } = shardsPageSchema.parse(await get(`${base}/shards?part=p0000`));
    expect(total).toBe(3);
    const shard = shards[0]!.shard;
    const page = samplesPageSchema.parse(await get(`${base}/shards/${shard}/samples?pageSize=3`));
    expect(page.samples[0]).toMatchObject({ frames: 3, caption: expect.stringContaining("part 0") });
    const [, middle] = page.samples;
    const sample = sampleSchema.parse(await get(`${base}/samples/${shard}/${middle!.key}`));
    expect(sample.previous).toBe(page.samples[0]?.key);
    expect(sample.next).toBe(page.samples[2]?.key);
    expect(sample.frames.map(({ timeS }) => timeS)).toEqual([0.48, 1.48, 2.48]);
    expect(sample.json).toMatchObject({ source: "openvid", frame_count: 3 });
    const frame = await api.app.inject({
      url: `${base}/samples/${shard}/${middle!.key}/frames/1`,
      headers: { host: "127.0.0.1" },
    });
    expect(frame.headers["content-type"]).toBe("image/jpeg");
    expect(frame.rawPayload.subarray(0, 2).toString("hex")).toBe("ffd8");
  });

  it("finds every sample of a shard by its key", async () => {
    const { shards } = shardsPageSchema.parse(await get(`${base}/shards?part=p0000`));
    for (const { shard } of shards) {
      const { samples } = samplesPageSchema.parse(await get(`${base}/shards/${shard}/samples?pageSize=50`));
      for (const { key, index } of samples) {
        expect(sampleSchema.parse(await get(`${base}/samples/${shard}/${key}`)).index).toBe(index);
      }
    }
  });

  it.each([
    "/api/builds/nothing",
    `${base}/parts/p0099`,
    `${base}/shards/openvid-1m-p0099-0000/samples`,
    `${base}/samples/openvid-1m-p0000-0000/openvid-p0000-999999`,
    `${base}/samples/openvid-1m-p0000-0000/openvid-p0000-000009/frames/77`,
    "/api/nothing",
  ])("answers 404 with code, message and remedy: %s", async (url) => {
    const answer = await api.app.inject({ url, headers: { host: "127.0.0.1" } });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toEqual({
      code: "not_found",
      message: expect.any(String),
      remedy: expect.any(String),
    });
  });

  it("lists the catalogue with licences", async () => {
    const { datasets } = datasetsSchema.parse(await get("/api/datasets"));
    expect(datasets.find(({ name }) => name === "openvid-1m")).toMatchObject({
      license: "CC-BY-4.0",
      parts: 186,
      buildable: true,
    });
  });

  it("says that no worker is connected", async () => {
    const { alarms } = workersSchema.parse(await get("/api/workers"));
    expect(alarms.map(({ code }) => code)).toContain("no_worker_idle");
  });

  it("is healthy and ready", async () => {
    expect(await get("/healthz")).toMatchObject({ ok: true });
    await expect
      .poll(() => get("/readyz"))
      .toEqual({ ready: true, queue: true, output: true, records: true });
  });

  it("sees a shard that somebody else publishes or takes away", async () => {
    const shards = async () => buildsSchema.parse(await get("/api/builds")).builds[0]?.totals.shards;
    const before = (await shards()) ?? 0;
    const path = `${place.root}/openvid-1m/.shardmill/manifests/openvid-1m-p0001-0001.json`;
    await rename(path, `${place.root}/kept.json`);
    await expect.poll(shards).toBe(before - 1);
    await rename(`${place.root}/kept.json`, path);
    await expect.poll(shards).toBe(before);
  });
});
