import { createServer } from "node:http";
import { acquireBuildLock, openRecords, openStore } from "@shardmill/store";
import { describe, expect, it } from "vitest";
import { askApi, base } from "../testing/ask-api.ts";
import {
  buildDetailSchema,
  buildsSchema,
  partsPageSchema,
  requestAnswerSchema,
  requestsSchema,
  workersSchema,
} from "./contract/index.ts";

const asked = askApi();
const { post, get, states } = asked;

describe("asking for a build", () => {
  it("a dry run tells what would run, and writes and starts nothing", async () => {
    const answer = requestAnswerSchema.parse(
      await post("/api/builds", { dataset: "openvid-1m", parts: "0-2", dryRun: true }, 200),
    );
    expect(answer.state).toBe("dry_run");
    expect(answer.items.map(({ label }) => label)).toEqual(["p0000", "p0001", "p0002"]);
    expect((await asked.api.app.inject({ url: base, headers: { host: "127.0.0.1" } })).statusCode).toBe(404);
    expect((await asked.place.queue.counts()).plan.waiting).toBe(0);
  });

  it("enqueues parts; the same request twice is one build", async () => {
    const request = { dataset: "openvid-1m", parts: "0,1" };
    const answers = await Promise.all([post("/api/builds", request), post("/api/builds", request)]);
    expect(answers.map((answer) => requestAnswerSchema.parse(answer).state)).toEqual(["queued", "queued"]);
    const again = requestAnswerSchema.parse(await post("/api/builds", request));
    expect(again).toMatchObject({ state: "nothing_to_do", leftAlone: 2, items: [] });
    const detail = buildDetailSchema.parse(await get(base));
    expect(detail.active).toBe(true);
    expect((await asked.place.queue.counts()).plan.waiting).toBe(2);
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
    await asked.api.close();
    const slow = createServer(() => {});
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const address = slow.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const deps = await asked.place.deps();
    const surroundings = { ...deps.surroundings, hubEndpoint: `http://127.0.0.1:${port}` };
    asked.api = await asked.place.open({ surroundings, limits: { planningAnswerMs: 50 } });
    const request = { dataset: "openvid-1m", parts: "0" };
    expect(requestAnswerSchema.parse(await post("/api/builds", request)).state).toBe("planning");
    expect(buildsSchema.parse(await get("/api/builds")).requests).toEqual([
      { dataset: "openvid-1m", state: "planning", problem: null },
    ]);
    expect(await post("/api/builds", { ...request, parts: "1" }, 409)).toMatchObject({ code: "at_work" });
    // The service can be closed in the middle of it, and gives the dataset's lock back.
    await asked.api.close();
    slow.closeAllConnections();
    slow.close();
    const records = openRecords(await openStore(asked.place.root), "openvid-1m");
    const lock = await acquireBuildLock(records, { build: "another" });
    await lock.release();
  });

  it("two services do not write into one dataset: the second is told who does", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0" });
    const records = openRecords(await openStore(asked.place.root), "openvid-1m");
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
    process.kill(asked.place.redis.pid, "SIGKILL");
    await expect.poll(() => asked.place.redis.restarts).toBe(1);
    await expect.poll(waiting).toBe(2);
  });

  it("carries on with a build after it was started again, with an empty queue too", async () => {
    await post("/api/builds", { dataset: "openvid-1m", parts: "0-1" });
    await asked.api.close();
    process.kill(asked.place.redis.pid, "SIGKILL");
    await expect.poll(() => asked.place.redis.restarts).toBe(1);
    asked.api = await asked.place.open({ limits: { keepEveryMs: 200 } });
    await expect.poll(waiting).toBe(2);
  });
});

async function waiting(): Promise<number> {
  return asked.place.queue.counts().then(
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
    await asked.api.app.inject({ method: "POST", url: `${base}/cancel`, headers });
    await expect
      .poll(
        async () =>
          (await asked.api.app.inject({ method: "POST", url: `${base}/pause`, headers })).statusCode,
      )
      .toBe(409);
    await asked.api.close();
    asked.api = await asked.place.open();
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
    await asked.api.close();
    asked.api = await asked.place.open({ limits: { keepEveryMs: 200 } });
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
