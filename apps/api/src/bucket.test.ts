import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, Failure, systemClock } from "@shardmill/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  type S3StandIn,
  standInBucket,
  standInKeys,
  startS3StandIn,
} from "../../../packages/store/testing/s3-stand-in/start-s3-stand-in.ts";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import { partsPageSchema, samplesPageSchema, shardsPageSchema } from "./contract/index.ts";

/** The service over an output in a bucket tells what it tells over the same output in a folder. */
const address = `s3://${standInBucket}/shards`;
const base = "/api/builds/openvid-1m";
let place: TestPlace;
let standIn: S3StandIn;
let ofFolder: BuiltApi;
let api: BuiltApi;
let aheadMs = 0;

/** It stands still, however busy the machine is. */
const startedAt = systemClock.now();
const clock: Clock = { ...systemClock, now: () => startedAt + aheadMs };
/** Longer than any answer is good for. */
const later = (): void => {
  aheadMs += 20_000;
};

beforeAll(async () => {
  place = await openTestPlace();
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 10,
    parts: [
      { part: 0, kind: "done", members: 25, frames: 3, left: { decode_error: 2, no_annotation: 3 } },
      { part: 1, kind: "partial", members: 40, frames: 1, left: { decode_error: 2 } },
      { part: 2, kind: "missing" },
      { part: 4, kind: "failed", members: 10, frames: 1 },
    ],
  });
  standIn = await startS3StandIn();
  vi.stubEnv("S3_ENDPOINT_URL", standIn.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", standInKeys.id);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", standInKeys.secret);
  vi.stubEnv("SHARDMILL_SCRATCH", join(place.root, "scratch"));
  vi.stubEnv("XDG_STATE_HOME", join(place.root, "state"));
  await send("shards");
  ofFolder = await place.open();
  api = await openOn(address);
});
afterAll(async () => {
  await place?.close();
  await standIn?.[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
});

/** The output as it lies in the folder, with what is kept beside each object. */
async function send(prefix: string): Promise<void> {
  const all = await readdir(join(place.root, "openvid-1m"), { recursive: true, withFileTypes: true });
  for (const file of all.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name);
    const bytes = await readFile(path);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const metadata = { "x-amz-meta-shardmill-sha256": sha256 };
    standIn.objects.put(`${prefix}/${path.slice(place.root.length + 1)}`, bytes, metadata);
  }
}

async function openOn(outRoot: string): Promise<BuiltApi> {
  const { surroundings } = await place.deps();
  return place.open({ surroundings: { ...surroundings, outRoot }, clock, limits: { bucketTtlMs: 5_000 } });
}

async function ask(of: BuiltApi, url: string, expected = 200): Promise<{ body: string; json(): unknown }> {
  const answer = await of.app.inject({ url, headers: { host: "127.0.0.1" } });
  expect(answer.statusCode, answer.body).toBe(expected);
  // Keys are in no answer.
  expect(answer.body).not.toMatch(/stand-in-/);
  return answer;
}

/** How many requests something costs the bucket. */
async function requestsOf(work: () => Promise<unknown>): Promise<number> {
  const before = standIn.requests.length;
  await work();
  return standIn.requests.length - before;
}

describe("a service over an output in a bucket", () => {
  it("tells builds, parts, shards and what was left out as over a folder", async () => {
    for (const url of [
      `${base}/parts`,
      `${base}/parts/p0001`,
      `${base}/shards`,
      `${base}/failures?pageSize=5`,
    ])
      expect((await ask(api, url)).json(), url).toEqual((await ask(ofFolder, url)).json());
    const summary = async (of: BuiltApi): Promise<unknown> => {
      const { builds, unreadable } = (await ask(of, "/api/builds")).json() as {
        builds: { totals: unknown; states: unknown }[];
        unreadable: unknown;
      };
      return { builds: builds.map(({ totals, states }) => ({ totals, states })), unreadable };
    };
    expect(await summary(api)).toEqual(await summary(ofFolder));
    expect((await ask(api, base)).json()).toMatchObject({ budget: { disk: { freeBytes: null } } });
    expect((await ask(api, "/api/workers")).json()).toMatchObject({ freeBytes: null });
    expect((await ask(api, "/readyz")).json()).toMatchObject({ output: true });
    await ask(api, "/metrics");
  });

  it("shows samples and frames by ranges, few for each", async () => {
    const { shards } = shardsPageSchema.parse((await ask(api, `${base}/shards`)).json());
    const [{ shard } = { shard: "" }] = shards;
    const page = `${base}/shards/${shard}/samples?pageSize=5`;
    const told = (await ask(api, page)).json();
    expect(told).toEqual((await ask(ofFolder, page)).json());
    const { key } = samplesPageSchema.parse(told).samples.at(-1) ?? { key: "" };
    const sample = `${base}/samples/${shard}/${key}`;
    expect((await ask(api, sample)).json()).toEqual((await ask(ofFolder, sample)).json());
    const frames = await requestsOf(async () => {
      for (const n of [0, 1, 2]) {
        const frame = await ask(api, `${sample}/frames/${n}`);
        expect(frame.body).toBe((await ask(ofFolder, `${sample}/frames/${n}`)).body);
      }
    });
    // For each its manifest and its tar, which may be others by now.
    expect(frames).toBeLessThanOrEqual(3 * 3);
    const whole = standIn.requests.filter(({ verb, key: path }) => verb === "GET" && path.endsWith(".tar"));
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.every(({ range }) => range !== null)).toBe(true);
  });

  it("asks a bounded number of requests for a page, and none for what it has just told", async () => {
    const page = async (): Promise<void> => {
      for (const url of ["/api/builds", base, `${base}/parts`, "/api/workers", "/api/datasets"])
        await ask(api, url);
    };
    await page();
    expect(await requestsOf(page)).toBe(0);
    later();
    // Whatever the number of parts, shards and datasets of the catalogue: a listing for each thousand records.
    expect(await requestsOf(page)).toBeLessThanOrEqual(30);
    expect(await requestsOf(() => ask(api, `${base}/requests`))).toBeLessThanOrEqual(1);
    const started = await requestsOf(async () => void (await openOn(address)));
    expect(started).toBeLessThanOrEqual(40);
  });

  it("sees what others have done there", async () => {
    const done = async (): Promise<number> => {
      const { parts } = partsPageSchema.parse((await ask(api, `${base}/parts`)).json());
      return parts.find(({ label }) => label === "p0000")?.shards.done ?? 0;
    };
    const before = await done();
    const [manifest = ""] = [...standIn.objects.all.keys()].filter((key) => key.includes("/manifests/"));
    const kept = standIn.objects.all.get(manifest);
    standIn.objects.remove(manifest);
    later();
    // A reading that is no longer new is given out while the next one is made.
    await expect.poll(done).toBe(before - 1);
    if (kept !== undefined) standIn.objects.all.set(manifest, kept);
    later();
    await expect.poll(done).toBe(before);
  });

  it("tells a bucket that refuses or is not there in its own words, and goes on when it is back", async () => {
    standIn.plan = () => ({ kind: "status", status: 403, code: "ExpiredToken" });
    later();
    const refused = (await ask(api, base, 503)).body;
    expect(refused).toMatch(/the credentials have expired/);
    expect((await ask(api, "/readyz", 503)).json()).toMatchObject({ output: false });
    standIn.plan = () => null;
    later();
    await ask(api, base);
    expect((await ask(api, "/readyz")).json()).toMatchObject({ output: true });
  });

  it("takes no request where the bucket cannot hold a build", async () => {
    const { surroundings } = await place.deps();
    const strict = await place.open({
      surroundings: { ...surroundings, outRoot: address },
      readyOutput: async () => {
        throw new Failure("output_without_conditions", "this store cannot hold a build");
      },
    });
    const sent = standIn.requests.length;
    const answer = await strict.app.inject({
      method: "POST",
      url: `${base}/retry`,
      headers: { host: "127.0.0.1" },
      payload: { selection: { kind: "missing" } },
    });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.body).toMatch(/output_without_conditions/);
    const written = standIn.requests
      .slice(sent)
      .filter(({ verb, key }) => verb === "PUT" && !key.includes("/requests/"));
    expect(written).toEqual([]);
  });
});
