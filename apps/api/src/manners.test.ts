import { gunzipSync } from "node:zlib";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import { startApi } from "./start-api.ts";

const token = "a-token-of-twenty-four-bytes";
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
      { part: 0, kind: "done", members: 20, frames: 1, left: { decode_error: 2 } },
      ...Array.from({ length: 30 }, (_, n) => ({ part: n + 1, kind: "missing" as const })),
    ],
  });
  api = await place.open();
});
afterAll(() => place.close());

function send(sent: InjectOptions, to = api) {
  return to.app.inject({ ...sent, headers: { host: "127.0.0.1", ...sent.headers } });
}

describe("a request that says what no route knows", () => {
  it.each([
    "/api/builds?state=done",
    `${base}?verbose=1`,
    `${base}/parts?sate=failed`,
    `${base}/parts?page=1&page=2`,
    `${base}/parts?__proto__=1`,
    `${base}/parts/p0000?page=1`,
    `${base}/failures?state=failed`,
    `${base}/shards?parts=0`,
    "/api/workers?x",
    "/api/events?dataset=openvid-1m",
    "/healthz?deep=1",
    "/metrics?name[]=x",
    "/openapi.json?v=3",
  ])("is refused: %s", async (url) => {
    const { statusCode, body } = await send({ url });
    expect([statusCode, JSON.parse(body)]).toEqual([400, expect.objectContaining({ code: "bad_request" })]);
  });

  it("is refused in what asks for work, too", async () => {
    const payload = { dataset: "openvid-1m", parts: "0" };
    expect((await send({ method: "POST", url: "/api/builds?dryRun=true", payload })).statusCode).toBe(400);
    expect((await send({ method: "POST", url: `${base}/cancel?dryRun=1` })).statusCode).toBe(400);
  });

  it.each(["missing", "failed", "stale", "parts", "failed-samples"])(
    "a retry %s of parts that do not exist is refused, dry or not",
    async (kind) => {
      for (const parts of ["99", "0,99", "40-50", "nobody:1", "constructor", "__proto__"])
        for (const dryRun of [true, false]) {
          const payload = { selection: { kind, parts }, dryRun };
          const { statusCode, body } = await send({ method: "POST", url: `${base}/retry`, payload });
          expect([statusCode, JSON.parse(body)], parts).toEqual([
            400,
            expect.objectContaining({ code: "wrong_use" }),
          ]);
        }
    },
  );

  it.each(["constructor", "to_string", "has_own", "decode_eror"])("a code that is none: %s", async (code) => {
    const { statusCode, body } = await send({ url: `${base}/failures?code=${code}` });
    expect([statusCode, JSON.parse(body)]).toEqual([
      400,
      expect.objectContaining({ code: "wrong_use", message: expect.stringContaining(code) }),
    ]);
  });

  it.each([
    { method: "GET" as const, url: `${base}/parts/constructor`, status: 404 },
    { method: "GET" as const, url: "/api/builds/constructor", status: 404 },
    { method: "GET" as const, url: "/api/builds/constructor/parts", status: 404 },
    { method: "GET" as const, url: `${base}/shards/constructor/samples`, status: 404 },
    { method: "GET" as const, url: `${base}/samples/constructor/constructor`, status: 404 },
    { method: "POST" as const, url: "/api/builds", payload: { dataset: "constructor" }, status: 404 },
  ])("a name that every object has is no name: $method $url", async ({ status, ...sent }) => {
    expect((await send(sent)).statusCode).toBe(status);
  });

  it.each([
    { recipe: "constructor" },
    { recipe: "__proto__" },
    { settings: ["constructor=1"] },
    { settings: ["limits.constructor=1"] },
    { settings: ["toString=1"] },
    { settings: ["text.constructor=1"] },
  ])("a recipe or setting that every object has is none: %j", async (more) => {
    const payload = { dataset: "openvid-1m", dryRun: true, ...more };
    const { statusCode, body } = await send({ method: "POST", url: "/api/builds", payload });
    expect([statusCode, JSON.parse(body)]).toEqual([400, expect.objectContaining({ code: "wrong_use" })]);
  });
});

describe("methods", () => {
  it.each([
    ["POST", base, "GET, HEAD"],
    ["DELETE", `${base}/parts/p0000`, "GET, HEAD"],
    ["PUT", `${base}/cancel`, "POST"],
    ["GET", `${base}/pause`, "POST"],
    ["DELETE", "/api/builds", "GET, HEAD, POST"],
    ["OPTIONS", "/metrics", "GET, HEAD"],
  ] as const)("%s %s is told which there are", async (method, url, allow) => {
    const answer = await send({ method, url });
    expect([answer.statusCode, answer.headers.allow, answer.json<{ code: string }>().code]).toEqual([
      405,
      allow,
      "method_not_allowed",
    ]);
  });

  it("an address with nothing at it is 404, whatever the method", async () => {
    expect((await send({ method: "POST", url: "/api/nothing" })).statusCode).toBe(404);
  });

  it("HEAD of the live events ends, and takes no place", async () => {
    const running = await startApi({ ...(await place.deps({ limits: { eventClients: 1 } })), port: 0 });
    for (let n = 0; n < 3; n += 1) {
      const head = await fetch(`${running.url}/api/events`, { method: "HEAD" });
      expect([head.status, head.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    }
    const aborting = new AbortController();
    const first = await fetch(`${running.url}/api/events`, { signal: aborting.signal });
    const second = await fetch(`${running.url}/api/events`);
    expect([first.status, second.status]).toEqual([200, 503]);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await second.json()).toMatchObject({ code: "busy", message: expect.stringContaining("all 1") });
    aborting.abort();
    await running.close();
  });
});

describe("the token", () => {
  it("is known under bearer in any case, and asked for in HTTP's own words", async () => {
    const locked = await place.open({ token });
    for (const scheme of ["bearer", "BEARER", "Bearer", "bearer "]) {
      const headers = { authorization: `${scheme} ${token}` };
      expect((await send({ url: "/api/builds", headers }, locked)).statusCode, scheme).toBe(200);
    }
    const none = await send({ url: "/api/builds" }, locked);
    expect([none.statusCode, none.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="shardmill"']);
    const wrong = await send({ url: "/api/builds", headers: { authorization: "Bearer nobody" } }, locked);
    expect(wrong.headers["www-authenticate"]).toBe('Bearer realm="shardmill", error="invalid_token"');
  });

  it("wrong ones are limited; the right one is taken all the same, and other addresses are not touched", async () => {
    const locked = await place.open({ token, limits: { wrongTokensPerMinute: 5 } });
    const wrong = { authorization: "Bearer nobody" };
    const ask = (remoteAddress: string, headers: Record<string, string>) =>
      send({ url: "/api/builds", remoteAddress, headers }, locked);
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await ask("192.0.2.1", wrong)).statusCode);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const late = await ask("192.0.2.1", wrong);
    expect(Number(late.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask("192.0.2.2", wrong)).statusCode).toBe(401);
    expect((await ask("192.0.2.1", { authorization: `Bearer ${token}` })).statusCode).toBe(200);
  });
});

describe("the rate", () => {
  it("is not used up by health checks, nor are they by it", async () => {
    const few = await place.open({ limits: { readsPerMinute: 5 } });
    for (let n = 0; n < 20; n += 1) {
      expect((await send({ url: "/healthz" }, few)).statusCode).toBe(200);
      expect((await send({ url: "/readyz" }, few)).statusCode).toBeLessThan(504);
    }
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await send({ url: "/api/datasets" }, few)).statusCode);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await send({ url: "/healthz" }, few)).statusCode).toBe(200);
  });
});

describe("what travels", () => {
  it("an answer that is as it was costs its head alone", async () => {
    const first = await send({ url: `${base}/parts` });
    const { etag } = first.headers;
    expect([first.headers["cache-control"], etag]).toEqual(["private, no-cache", expect.any(String)]);
    const again = await send({ url: `${base}/parts`, headers: { "if-none-match": String(etag) } });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    const other = await send({ url: `${base}/parts?page=2`, headers: { "if-none-match": String(etag) } });
    expect(other.statusCode).toBe(200);
  });

  it("large answers are compressed for who takes it, and small ones are not", async () => {
    const headers = { "accept-encoding": "gzip, br" };
    const packed = await send({ url: `${base}/parts`, headers });
    expect(packed.headers["content-encoding"]).toBe("gzip");
    const plain = await send({ url: `${base}/parts` });
    expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 5);
    expect((await send({ url: "/healthz", headers })).headers["content-encoding"]).toBeUndefined();
  });

  it("a body that is packed is not unpacked", async () => {
    const answer = await send({
      method: "POST",
      url: `${base}/retry`,
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
      payload: Buffer.from("1f8b0800", "hex"),
    });
    expect(answer.statusCode).toBe(400);
  });

  it("frames that were made again are shown as made, and those that were not are not sent again", async () => {
    const root = `${base}/samples/openvid-1m-p0000-0000/openvid-p0000-000002/frames/0`;
    const frame = await send({ url: root });
    expect([frame.statusCode, frame.headers["content-type"], frame.headers["cache-control"]]).toEqual([
      200,
      "image/jpeg",
      "private, no-cache",
    ]);
    expect(frame.headers["content-encoding"]).toBeUndefined();
    const again = await send({ url: root, headers: { "if-none-match": String(frame.headers.etag) } });
    expect([again.statusCode, again.rawPayload.length]).toEqual([304, 0]);
    const made = await send({ url: root, headers: { "if-none-match": 'W/"before"' } });
    expect([made.statusCode, made.rawPayload.length]).toEqual([200, frame.rawPayload.length]);
  });

  it("refusals and what asks for work are kept by nobody", async () => {
    expect((await send({ url: "/api/nothing" })).headers["cache-control"]).toBe("no-store");
    const payload = { selection: { kind: "failed" }, dryRun: true };
    const dry = await send({ method: "POST", url: `${base}/retry`, payload });
    expect([dry.statusCode, dry.headers["cache-control"]]).toEqual([200, "no-store"]);
  });
});
