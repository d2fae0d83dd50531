import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { acquireBuildLock, openRecords, openStore } from "@shardmill/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import {
  buildDetailSchema,
  buildsSchema,
  partsPageSchema,
  requestAnswerSchema,
  requestsSchema,
  workersSchema,
} from "./contract/index.ts";

let place: TestPlace;
let api: BuiltApi;
const base = "/api/builds/openvid-1m";

beforeEach(async () => {
  place = await openTestPlace();
  const folder = join(place.root, "mirror");
  await mkdir(join(folder, "data/train"), { recursive: true });
  for (const part of [0, 1, 2]) await writeFile(join(folder, `OpenVid_part${part}.zip`), `part ${part}`);
  await writeFile(join(folder, "data/train/OpenVid-1M.csv"), "video,caption\n");
  api = await place.open({ sourceFolders: new Map([["openvid-1m", folder]]), limits: { keepEveryMs: 200 } });
});
afterEach(() => place.close());

async function post(url: string, body?: unknown, expected = 202) {
  const answer = await api.app.inject({
    method: "POST",
    url,
    headers: { host: "127.0.0.1" },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  expect(answer.statusCode, answer.body).toBe(expected);
  return answer.json() as unknown;
}

async function get(url: string): Promise<unknown> {
  return (await api.app.inject({ url, headers: { host: "127.0.0.1" } })).json();
}

async function states(): Promise<Record<string, string>> {
  const { parts } = partsPageSchema.parse(await get(`${base}/parts?pageSize=5`));
  return Object.fromEntries(parts.map(({ label, state }) => [label, state]));
}

describe("asking for a build", () => {
  it("a dry run tells what would run, and writes and starts nothing", async () => {
    const answer = requestAnswerSchema.parse(
      await post("/api/builds", { dataset: "openvid-1m", parts: "0-2", dryRun: true }, 200),
    );
    expect(answer.state).toBe("dry_run");
    expect(answer.items.map(({ label }) => label)).toEqual(["p0000", "p0001", "p0002"]);
    expect((await api.app.inject({ url: base, headers: { host: "127.0.0.1" } })).statusCode).toBe(404);
    expect((await place.queue.counts()).plan.waiting).toBe(0);
  });

  it("enqueues parts; the same request twice is one build", async () => {
    const request = { dataset: "openvid-1m", parts: "0,1" };
    const answers = await Promise.all([post("/api/builds", request), post("/api/builds", request)]);
    expect(answers.map((answer) => requestAnswerSchema.parse(answer).state)).toEqual(["queued", "queued"]);
    const again = requestAnswerSchema.parse(await post("/api/builds", request));
    expect(again).toMatchObject({ state: "nothing_to_do", leftAlone: 2, items: [] });
    const detail = buildDetailSchema.parse(await get(base));
    expect(detail.active).toBe(true);
    expect((await place.queue.counts()).plan.waiting).toBe(2);
    expect(await states()).toMatchObject({ p0000: "queued", p0001: "queued", p0002: "missing" });
  });

  it("says loudly that work waits and no worker is connected", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0" });
    const { alarms } = workersSchema.parse(await get("/api/workers"));
    expect(alarms.map(({ code }) => code)).toContain("no_worker");
  });

  it("more parts may join a build that runs, without starting the first ones twice", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0" });
    const more = requestAnswerSchema.parse(
      await post("/api/builds", { dataset: "openvid-1m", parts: "0-1" }),
    );
    expect(more.items.map(({ label }) => label)).toEqual(["p0001"]);
    expect(more.leftAlone).toBe(1);
  });

  it.each([
    [{ dataset: "openvid-1m", parts: "0", settings: ["fps=-1"] }, 400],
    [{ dataset: "openvid-1m", parts: "0", settings: ["unknownThing=1"] }, 400],
    [{ dataset: "openvid-1m", parts: "999" }, 400],
    [{ dataset: "openvid-1m", parts: "3-1" }, 400],
  ])("refuses what the pipeline refuses, with its code: %j", async (body, status) => {
    expect(await post("/api/builds", body, status)).toMatchObject({ code: "wrong_use" });
  });

  it("answers planning when the source takes long, and shows how it ended", async () => {
    await api.close();
    const slow = createServer(() => {});
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const address = slow.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const deps = await place.deps();
    const surroundings = { ...deps.surroundings, hubEndpoint: `http://127.0.0.1:${port}` };
    api = await place.open({ surroundings, limits: { planningAnswerMs: 50 } });
    const request = { dataset: "openvid-1m", parts: "0" };
    expect(requestAnswerSchema.parse(await post("/api/builds", request)).state).toBe("planning");
    expect(buildsSchema.parse(await get("/api/builds")).requests).toEqual([
      { dataset: "openvid-1m", state: "planning", problem: null },
    ]);
    expect(await post("/api/builds", { ...request, parts: "1" }, 409)).toMatchObject({ code: "at_work" });
    // The service can be closed in the middle of it, and gives the dataset's lock back.
    await api.close();
    slow.closeAllConnections();
    slow.close();
    const records = openRecords(await openStore(place.root), "openvid-1m");
    const lock = await acquireBuildLock(records, { build: "another" });
    await lock.release();
  });

  it("two services do not write into one dataset: the second is told who does", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0" });
    const records = openRecords(await openStore(place.root), "openvid-1m");
    await expect(acquireBuildLock(records, { build: "another" })).rejects.toMatchObject({
      code: "build_locked",
    });
  });
});

describe("steering", () => {
  it("pauses, resumes and cancels", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0-2" });
    await post(`${base}/pause`, undefined, 200);
    expect(buildDetailSchema.parse(await get(base)).control).toBe("pause");
    await post(`${base}/resume`, undefined, 200);
    expect(buildDetailSchema.parse(await get(base)).control).toBe("run");
    await post(`${base}/cancel`, undefined, 200);
    const after = buildDetailSchema.parse(await get(base));
    expect(after).toMatchObject({ control: "cancel", active: false });
    // The lock is free again, and a new request begins a new run.
    const again = requestAnswerSchema.parse(await post("/api/builds", { dataset: "openvid-1m", parts: "0" }));
    expect(again.state).toBe("queued");
    expect(buildDetailSchema.parse(await get(base)).control).toBe("run");
  });

  it("adds again what has vanished from the queue", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0-1" });
    process.kill(place.redis.pid, "SIGKILL");
    await expect.poll(() => place.redis.restarts).toBe(1);
    await expect.poll(waiting).toBe(2);
  });

  it("carries on with a build after it was started again, with an empty queue too", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0-1" });
    await api.close();
    process.kill(place.redis.pid, "SIGKILL");
    await expect.poll(() => place.redis.restarts).toBe(1);
    api = await place.open({ limits: { keepEveryMs: 200 } });
    await expect.poll(waiting).toBe(2);
  });
});

async function waiting(): Promise<number> {
  return place.queue.counts().then(
    ({ plan }) => plan.waiting,
    () => -1,
  );
}

describe("who asked for what", () => {
  const requests = async () => requestsSchema.parse(await get(`${base}/requests`)).requests;

  it("is told with what came of it, the newest first, also by the next service", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0-1" });
    await post("/api/builds", { dataset: "openvid-1m", parts: "0-1" });
    await post("/api/builds", { dataset: "openvid-1m", parts: "0-1", dryRun: true }, 200);
    await post(`${base}/retry`, { selection: { kind: "missing", parts: "2" } });
    const headers = { host: "127.0.0.1", "shardmill-client": "page" };
    await api.app.inject({ method: "POST", url: `${base}/cancel`, headers });
    await expect
      .poll(async () => (await api.app.inject({ method: "POST", url: `${base}/pause`, headers })).statusCode)
      .toBe(409);
    await api.close();
    api = await place.open();
    const told = await requests();
    const pauses = told.filter(({ verb }) => verb === "pause");
    expect(pauses.at(0)).toMatchObject({ result: "refused", code: "at_rest" });
    expect(told.filter(({ verb }) => verb !== "pause")).toMatchObject([
      { verb: "cancel", about: null, result: "done", origin: { kind: "page", who: "127.0.0.1" } },
      { verb: "retry", about: "missing, parts 2", result: "queued", parts: 1 },
      { verb: "build", result: "nothing_to_do", parts: 0 },
      { verb: "build", about: "parts 0-1", result: "queued", parts: 2, origin: { kind: "api" } },
    ]);
  });
});

describe("one part", () => {
  const held = async () => {
    const { parts } = partsPageSchema.parse(await get(`${base}/parts?pageSize=3`));
    return Object.fromEntries(parts.map((part) => [part.label, [part.state, part.held?.kind ?? null]]));
  };

  it("is paused, let go on and cancelled while the others go on, and brought back by a retry", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0-2" });
    await post(`${base}/parts/0/pause`, undefined, 200);
    await post(`${base}/parts/p0001/cancel`, undefined, 200);
    const after = {
      p0000: ["queued", "pause"],
      p0001: ["missing", "cancel"],
      p0002: ["queued", null],
    };
    expect(await held()).toEqual(after);
    await api.close();
    api = await place.open({ limits: { keepEveryMs: 200 } });
    expect(await held()).toEqual(after);
    expect(await post(`${base}/parts/1/pause`, undefined, 409)).toMatchObject({ code: "at_rest" });
    await post(`${base}/parts/77777/cancel`, undefined, 404);
    await post(`${base}/parts/0/resume`, undefined, 200);
    await post(`${base}/retry`, { selection: { kind: "missing", parts: "1" } });
    expect(await held()).toEqual({
      p0000: ["queued", null],
      p0001: ["queued", null],
      p0002: ["queued", null],
    });
    const { requests } = requestsSchema.parse(await get(`${base}/requests`));
    expect(requests.map(({ verb, about }) => `${verb} ${about}`)).toContain("cancel part p0001");
  });
});

describe("retrying", () => {
  beforeEach(async () => {
    await writeOutput({
      root: place.root,
      dataset: await catalogueDataset("openvid-1m"),
      samplesPerShard: 10,
      sourceFolder: join(place.root, "mirror"),
      parts: [
        {
          part: 0,
          kind: "done",
          members: 30,
          left: { decode_error: 2, decode_timeout: 3, no_annotation: 1 },
        },
        { part: 1, kind: "partial", members: 40, left: { decode_timeout: 2 } },
        { part: 2, kind: "missing" },
        { part: 3, kind: "failed", members: 20 },
      ],
    });
  });

  it.each([
    [{ kind: "missing" }, ["p0001", "p0002"]],
    [{ kind: "failed" }, ["p0003"]],
    // The source is looked at: what the records of this output were made from never lay in that folder.
    [{ kind: "stale" }, ["p0000", "p0001"]],
    [{ kind: "parts", parts: "0-2" }, ["p0001", "p0002"]],
    [{ kind: "failed-samples" }, ["p0000", "p0001"]],
    [{ kind: "failed-samples", codes: ["decode_error"] }, ["p0000"]],
    [{ kind: "failed-samples", parts: "1" }, ["p0001"]],
    [{ kind: "missing", parts: "2-3" }, ["p0002"]],
  ])("%j lists what the command line lists", async (selection, expected) => {
    const answer = requestAnswerSchema.parse(await post(`${base}/retry`, { selection, dryRun: true }, 200));
    expect(answer.items.map(({ label }) => label)).toEqual(expected);
    expect((await place.queue.counts()).plan.waiting).toBe(0);
  });

  it("what was never asked for takes all, is asked for then, and the page's numbers are those of the list", async () => {
    const { records } = await writeOutput({
      root: place.root,
      dataset: await catalogueDataset("openvid-1m"),
      samplesPerShard: 10,
      sourceFolder: join(place.root, "mirror"),
      asked: [6],
      parts: [
        { part: 5, kind: "missing" },
        { part: 6, kind: "missing" },
      ],
    });
    const listed = async (selection: object) => {
      const answer = await post(`${base}/retry`, { selection, dryRun: true }, 200);
      return requestAnswerSchema.parse(answer).items.map(({ label }) => label);
    };
    const { retries } = buildDetailSchema.parse(await get(base));
    const some = await listed({ kind: "missing" });
    const all = await listed({ kind: "missing", all: true });
    expect([some, retries.missing]).toEqual([["p0006"], 1]);
    expect([all, retries.missingOfAll]).toEqual([["p0005", "p0006"], 2]);
    await post(`${base}/retry`, { selection: { kind: "parts", parts: "p0005" } });
    expect((await records.readBuild())?.asked).toEqual({
      everything: false,
      parts: [
        { subset: null, part: 6 },
        { subset: null, part: 5 },
      ],
    });
  });

  it("a part that does not exist is 400, not an empty list", async () => {
    for (const parts of ["p0099", "99", "ai2d:0"]) {
      const problem = await post(`${base}/retry`, { selection: { kind: "missing", parts } }, 400);
      expect(problem).toMatchObject({
        code: "wrong_use",
        message: expect.stringContaining(`no part ${parts};`),
      });
    }
  });

  it("starts it, and the parts turn to queued", async () => {
    const selection = { kind: "failed-samples", codes: ["decode_timeout"] };
    expect(requestAnswerSchema.parse(await post(`${base}/retry`, { selection }))).toMatchObject({
      state: "queued",
      totals: { samples: 5 },
    });
    expect(await states()).toMatchObject({ p0000: "queued", p0001: "queued", p0002: "missing" });
    // What is queued already is not begun twice.
    expect(requestAnswerSchema.parse(await post(`${base}/retry`, { selection })).state).toBe("nothing_to_do");
  });

  it("leaves stale parts alone when a build is asked for, tells why, and makes them again when they are", async () => {
    const wish = { dataset: "openvid-1m", parts: "0-2", settings: ["samplesPerShard=10"] };
    for (const dryRun of [true, false]) {
      const answer = requestAnswerSchema.parse(
        await post("/api/builds", { ...wish, dryRun }, dryRun ? 200 : 202),
      );
      expect(answer.items.map(({ label }) => label)).toEqual(["p0002"]);
      expect(answer).toMatchObject({
        leftAlone: 0,
        stale: [
          { label: "p0000", why: expect.stringContaining("changed") },
          { label: "p0001", why: expect.stringContaining("OpenVid_part1.zip changed") },
        ],
      });
    }
    expect(await states()).toMatchObject({ p0000: "stale", p0001: "stale", p0002: "queued" });
    const other = await post(`${base}/retry`, { selection: { kind: "parts", parts: "0" } });
    expect(requestAnswerSchema.parse(other)).toMatchObject({
      state: "nothing_to_do",
      stale: [{ label: "p0000" }],
    });
    const cured = await post(`${base}/retry`, { selection: { kind: "stale", parts: "0" } });
    expect(requestAnswerSchema.parse(cured)).toMatchObject({ state: "queued", items: [{ label: "p0000" }] });
    expect(await states()).toMatchObject({ p0000: "queued", p0001: "stale" });
  });

  it.each([{ kind: "corrupt" }, { kind: "failed-samples", codes: ["no_such_code"] }, { kind: "parts" }, {}])(
    "refuses %j",
    async (selection) => {
      await post(`${base}/retry`, { selection }, 400);
    },
  );
});
