import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import type { BuiltApi } from "./build-api.ts";
import { buildDetailSchema, requestAnswerSchema, workersSchema } from "./contract/index.ts";

let place: TestPlace;
let api: BuiltApi;
let folder: string;
const base = "/api/builds/openvid-1m";
const wish = { dataset: "openvid-1m", parts: "0-1" };

beforeEach(async () => {
  place = await openTestPlace();
  folder = join(place.root, "mirror");
  await mkdir(join(folder, "data/train"), { recursive: true });
  for (const part of [0, 1, 2]) await writeFile(join(folder, `OpenVid_part${part}.zip`), `part ${part}`);
  await writeFile(join(folder, "data/train/OpenVid-1M.csv"), "video,caption\n");
  api = await open();
});
afterEach(() => place.close());

function open(): Promise<BuiltApi> {
  return place.open({ sourceFolders: new Map([["openvid-1m", folder]]), limits: { keepEveryMs: 200 } });
}

async function ask(
  method: "GET" | "POST",
  url: string,
  body?: object,
): Promise<{ code: number; body: unknown }> {
  const payload = body === undefined ? {} : { payload: body };
  const answer = await api.app.inject({ method, url, headers: { host: "127.0.0.1" }, ...payload });
  return { code: answer.statusCode, body: answer.json() };
}

async function jobs(): Promise<string[]> {
  const { body } = await ask("GET", base);
  const { waiting, active, delayed, parked } = await place.queue.jobsOf(buildDetailSchema.parse(body).build);
  return [...waiting, ...active, ...delayed, ...parked].map(({ id }) => id).sort();
}

it("with Redis away every request is refused, and nothing of it is done when that is back", async () => {
  expect((await ask("POST", "/api/builds", wish)).code).toBe(202);
  const before = await jobs();
  process.kill(place.redis.pid, "SIGSTOP");
  try {
    const asked = [
      ["/pause"],
      ["/cancel"],
      ["/resume"],
      ["/retry", { selection: { kind: "parts", parts: "2" } }],
    ] as const;
    const refused = [
      ...asked.map(([path, body]) => ask("POST", `${base}${path}`, body)),
      ask("POST", "/api/builds", { ...wish, parts: "2" }),
    ];
    for (const { code, body } of await Promise.all(refused))
      expect([code, body]).toEqual([503, expect.objectContaining({ code: "queue_unreachable" })]);
    // The records tell what is at work all the same.
    const { body } = await ask("GET", base);
    expect(body).toMatchObject({
      active: true,
      states: { queued: 2 },
      queueProblem: { code: "queue_unreachable" },
    });
  } finally {
    process.kill(place.redis.pid, "SIGCONT");
  }
  await place.queue.ping();
  expect(await jobs()).toEqual(before);
  const { body } = await ask("GET", base);
  expect(body).toMatchObject({ control: "run", queueProblem: null, request: null });
});

it("asked again in whatever happens, parts are at work once", async () => {
  await ask("POST", "/api/builds", wish);
  const before = await jobs();
  const again = async (): Promise<void> => {
    const asked = ["/api/builds", `${base}/retry`].map((url) =>
      ask(
        "POST",
        url,
        url === base ? wish : url.endsWith("retry") ? { selection: { kind: "missing" } } : wish,
      ),
    );
    for (const { body } of await Promise.all(asked)) {
      const told = requestAnswerSchema.safeParse(body);
      if (told.success) expect(told.data).toMatchObject({ state: "nothing_to_do", items: [] });
      else expect(body).toMatchObject({ code: "at_work" });
    }
  };
  await again();
  process.kill(place.redis.pid, "SIGKILL");
  await expect.poll(() => place.redis.restarts).toBe(1);
  await again();
  await expect.poll(jobs).toEqual(before);
  await ask("POST", `${base}/pause`);
  await api.close();
  process.kill(place.redis.pid, "SIGKILL");
  await expect.poll(() => place.redis.restarts).toBe(2);
  api = await open();
  await again();
  await expect.poll(jobs).toEqual(before);
  expect((await ask("GET", base)).body).toMatchObject({ control: "pause", states: { queued: 2 } });
});

it("nothing at rest is paused; an output that is away is told, and waited for", async () => {
  await ask("POST", "/api/builds", wish);
  const before = await jobs();
  const records = join(place.root, "openvid-1m");
  await rename(records, `${records}.away`);
  await expect
    .poll(async () => (await ask("GET", "/readyz")).body)
    .toMatchObject({ ready: false, output: false });
  expect(await ask("GET", base)).toMatchObject({ code: 503, body: { code: "output_away" } });
  const { alarms } = workersSchema.parse((await ask("GET", "/api/workers")).body);
  expect(alarms.map(({ code }) => code)).toContain("output_away");
  await rename(`${records}.away`, records);
  await expect.poll(async () => (await ask("GET", "/readyz")).code).toBe(200);
  expect(await jobs()).toEqual(before);
  expect((await ask("POST", `${base}/cancel`)).code).toBe(200);
  await expect.poll(async () => (await ask("POST", `${base}/pause`)).body).toMatchObject({ code: "at_rest" });
});

it("a worker that sees another output is told with its machine, and what waits is there as before", async () => {
  await ask("POST", "/api/builds", wish);
  const before = await jobs();
  const { build } = buildDetailSchema.parse((await ask("GET", base)).body);
  const refusal = { build, dataset: "openvid-1m", code: "output_differs" as const, why: "no build there" };
  const beat = { worker: "box/7/mill", host: "box", pid: 7, version: "0.1.0", role: "mill" as const };
  await place.queue.beat({ ...beat, current: [], refuses: [refusal] });
  const { alarms, workers } = workersSchema.parse((await ask("GET", "/api/workers")).body);
  expect(alarms.find(({ code }) => code === "worker_other_output")?.message).toContain(
    "(box/7: no build there)",
  );
  expect(workers).toMatchObject([{ refuses: [refusal] }]);
  expect(await jobs()).toEqual(before);
  expect((await ask("GET", base)).body).toMatchObject({ states: { queued: 2 }, control: "run" });
});

it("two services over one output: what both are asked for is at work once, and either steers it", async () => {
  const other = await open();
  const askOther = async (url: string, body?: object) => {
    const payload = body === undefined ? {} : { payload: body };
    const answer = await other.app.inject({
      method: "POST",
      url,
      headers: { host: "127.0.0.1" },
      ...payload,
    });
    return { code: answer.statusCode, body: answer.json() };
  };
  const both = await Promise.all([ask("POST", "/api/builds", wish), askOther("/api/builds", wish)]);
  // Who comes second is told who has it, or that all of it is at work.
  expect(both.map(({ code }) => code)).toContain(202);
  for (const { code, body } of both) if (code !== 202) expect(body).toMatchObject({ code: "build_locked" });
  const before = await jobs();
  expect(before).toHaveLength(3);
  const missing = { selection: { kind: "missing" } };
  for (const { body } of await Promise.all([
    ask("POST", `${base}/retry`, missing),
    askOther(`${base}/retry`, missing),
  ]))
    expect(body).toMatchObject({ state: "nothing_to_do", items: [] });
  expect((await askOther(`${base}/pause`)).code).toBe(200);
  await expect.poll(async () => (await ask("GET", base)).body).toMatchObject({ control: "pause" });
  expect(await jobs()).toEqual(before);
  expect((await askOther(`${base}/cancel`)).code).toBe(200);
  await expect.poll(jobs).toEqual([]);
});
