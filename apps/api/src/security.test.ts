import { request as httpRequest } from "node:http";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import { type BuiltApi, buildApi } from "./build-api.ts";
import { startApi } from "./start-api.ts";

const token = "a-token-of-twenty-four-bytes";
let place: TestPlace;
let open: BuiltApi;
let locked: BuiltApi;
const logged: string[] = [];

beforeAll(async () => {
  place = await openTestPlace();
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 10,
    parts: [{ part: 0, kind: "done", members: 10, frames: 1 }],
  });
  open = await place.open();
  const log = pino({ level: "trace" }, { write: (line: string) => void logged.push(line) });
  locked = await place.open({ host: "0.0.0.0", token, allowedHosts: ["mill.example.org"], log });
});
afterAll(() => place.close());

interface Sent {
  readonly method?: "GET" | "POST";
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: string;
}

async function send(api: BuiltApi, { method = "GET", headers, ...rest }: Sent) {
  const answer = await api.app.inject({ method, headers: { host: "127.0.0.1:8686", ...headers }, ...rest });
  return { status: answer.statusCode, body: answer.body, headers: answer.headers };
}

const bearer = { authorization: `Bearer ${token}` };

describe("where the service may listen", () => {
  it.each(["0.0.0.0", "192.0.2.7", "mill.example.org", "::"])("refuses %s without a token", async (host) => {
    await expect(buildApi(await place.deps({ host }))).rejects.toMatchObject({ code: "wrong_use" });
  });
  it("refuses a short token", async () => {
    await expect(buildApi(await place.deps({ token: "short" }))).rejects.toMatchObject({ code: "wrong_use" });
  });
  it("says in one line that a port is taken", async () => {
    const first = await startApi({ ...(await place.deps()), port: 0 });
    const port = Number(new URL(first.url).port);
    await expect(startApi({ ...(await place.deps()), port })).rejects.toMatchObject({
      code: "wrong_use",
      message: expect.stringContaining("something else listens there"),
    });
    await first.close();
  });
});

describe("the token", () => {
  const protectedUrls = [
    "/api/builds",
    "/api/events",
    "/metrics",
    "/openapi.json",
    "/readyz",
    "/api/nothing",
    "/nothing",
    "/%61pi/builds",
  ];
  it.each(protectedUrls)("is asked for at %s", async (url) => {
    const { status, body } = await send(locked, { url });
    expect(status).toBe(401);
    expect(JSON.parse(body)).toMatchObject({
      code: "unauthorized",
      remedy: expect.stringContaining("Bearer"),
    });
  });
  it.each([
    ["a wrong one", { authorization: "Bearer a-token-of-twenty-four-bytez" }],
    ["a longer one", { authorization: `Bearer ${token}x` }],
    ["another scheme", { authorization: `Basic ${Buffer.from(`x:${token}`).toString("base64")}` }],
    ["one in the address", {}],
  ])("is not satisfied by %s", async (_name, headers) => {
    expect((await send(locked, { url: `/api/builds?token=${token}`, headers: { ...headers } })).status).toBe(
      401,
    );
  });
  it("opens every route, and health needs none", async () => {
    expect((await send(locked, { url: "/api/builds", headers: bearer })).status).toBe(200);
    expect((await send(locked, { url: "/metrics", headers: bearer })).status).toBe(200);
    expect((await send(locked, { url: "/healthz" })).status).toBe(200);
  });
  it("stands in no log line and no answer", async () => {
    const { body } = await send(locked, { url: "/api/nothing", headers: bearer });
    expect(body).not.toContain(token);
    expect(logged.join("")).not.toContain(token);
  });
});

describe("who may ask", () => {
  it.each(["evil.example.org", "127.0.0.1.evil.org", "localhost.evil.org:8686", "[::1].evil.org"])(
    "refuses the Host %s: a name that was pointed here",
    async (host) => {
      expect((await send(open, { url: "/api/builds", headers: { host } })).status).toBe(421);
    },
  );
  it.each(["localhost:8686", "127.0.0.1", "[::1]:8686"])("takes the Host %s", async (host) => {
    expect((await send(open, { url: "/api/builds", headers: { host } })).status).toBe(200);
  });
  it("takes an allowed name and an address where it listens for others, and no other name", async () => {
    const as = (host: string) => send(locked, { url: "/api/builds", headers: { ...bearer, host } });
    expect((await as("mill.example.org")).status).toBe(200);
    expect((await as("192.0.2.7:8686")).status).toBe(200);
    expect((await as("other.example.org")).status).toBe(421);
  });
  it.each(["http://evil.example.org", "null", "http://localhost:8686", "https://127.0.0.1:8687"])(
    "refuses the Origin %s",
    async (origin) => {
      const { status } = await send(open, {
        method: "POST",
        url: "/api/builds/openvid-1m/pause",
        headers: { origin },
      });
      expect(status).toBe(403);
    },
  );
  it("refuses what a browser calls cross-site, and takes its own page", async () => {
    expect(
      (await send(open, { url: "/api/builds", headers: { "sec-fetch-site": "cross-site" } })).status,
    ).toBe(403);
    const own = { origin: "http://127.0.0.1:8686", "sec-fetch-site": "same-origin" };
    expect((await send(open, { url: "/api/builds", headers: own })).status).toBe(200);
  });
});

describe("what may be named", () => {
  const base = "/api/builds/openvid-1m";
  it.each([
    "/api/builds/..%2f..%2fetc",
    "/api/builds/%2e%2e",
    "/api/builds/OpenVid",
    `${base}/parts/..%2f..%2fbuild`,
    `${base}/parts/%00`,
    `${base}/shards/..%2f..%2fsecret/samples`,
    `${base}/samples/openvid-1m-p0000-0000/..%2f..%2fbuild.json`,
    `${base}/samples/.shardmill%2fbuild/openvid-p0000-000001`,
    `${base}/samples/openvid-1m-p0000-0000/openvid-p0000-000001/frames/-1`,
    `${base}/samples/openvid-1m-p0000-0000/openvid-p0000-000001/frames/1e9`,
    `${base}/failures?part=../../x`,
    `${base}/parts?state=nice`,
    `${base}/parts?pageSize=100000`,
    `${base}/shards/${"a".repeat(5_000)}/samples`,
    "/..%2f..%2fetc%2fpasswd",
    "/%",
  ])("no path leads out: %s", async (url) => {
    const { status, body } = await send(open, { url });
    expect([400, 404, 414]).toContain(status);
    expect(JSON.parse(body)).toEqual({
      code: expect.any(String),
      message: expect.any(String),
      remedy: expect.any(String),
    });
    expect(body).not.toContain(place.root);
  });

  const json = { "content-type": "application/json" };
  it.each([
    ["a path as dataset", { dataset: "../../etc" }],
    ["an address as dataset", { dataset: "http://evil.example.org" }],
    ["a field that names a folder", { dataset: "openvid-1m", sourceFolder: "/etc" }],
    ["a field that names an address", { dataset: "openvid-1m", source: "http://evil.example.org" }],
    ["an output folder", { dataset: "openvid-1m", out: "/tmp" }],
    ["parts with a path", { dataset: "openvid-1m", parts: "../1" }],
    ["a setting with a path", { dataset: "openvid-1m", settings: ["decoder=/bin/sh"] }],
    ["too many settings", { dataset: "openvid-1m", settings: Array(51).fill("fps=2") }],
    ["a list", []],
    ["nothing", null],
  ])("refuses %s", async (_name, body) => {
    const answer = await send(open, {
      method: "POST",
      url: "/api/builds",
      headers: json,
      payload: JSON.stringify(body),
    });
    expect(answer.status).toBe(400);
  });
  it("knows no dataset that is not in the catalogue", async () => {
    const payload = JSON.stringify({ dataset: "not-there" });
    expect((await send(open, { method: "POST", url: "/api/builds", headers: json, payload })).status).toBe(
      404,
    );
  });
  it("reads no records from a folder of the output root that is no catalogue entry", async () => {
    expect((await send(open, { url: "/api/builds/lost-found" })).status).toBe(404);
  });
});

describe("bodies", () => {
  it.each([
    ["malformed", "application/json", '{"dataset":', 400],
    ["deeply nested", "application/json", `${"[".repeat(30_000)}`, 400],
    ["oversized", "application/json", JSON.stringify({ dataset: "a".repeat(70_000) }), 413],
    ["of another type", "text/plain", '{"dataset":"openvid-1m"}', 415],
    ["a form", "application/x-www-form-urlencoded", "dataset=openvid-1m", 415],
    ["poisoned", "application/json", '{"dataset":"openvid-1m","__proto__":{"x":1}}', 400],
  ])("%s ones are refused", async (_name, type, payload, expected) => {
    const { status, body } = await send(open, {
      method: "POST",
      url: "/api/builds",
      headers: { "content-type": type },
      payload,
    });
    expect(status).toBe(expected);
    expect(JSON.parse(body)).toEqual({
      code: expect.any(String),
      message: expect.any(String),
      remedy: expect.any(String),
    });
  });
});

describe("what is sent along", () => {
  it("strict headers: no foreign or inline script, no frame, no sniffing", async () => {
    const { headers } = await send(open, { url: "/api/builds" });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain("unsafe");
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("too much", () => {
  it("reading is limited for each address, steering more", async () => {
    const api = await place.open({ limits: { readsPerMinute: 20, writesPerMinute: 3 } });
    const statuses: number[] = [];
    for (let n = 0; n < 25; n += 1) statuses.push((await send(api, { url: "/api/datasets" })).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    const steering: number[] = [];
    for (let n = 0; n < 5; n += 1)
      steering.push((await send(api, { method: "POST", url: "/api/builds/openvid-1m/resume" })).status);
    expect(steering.filter((status) => status === 429)).toHaveLength(2);
  });

  it("of 1,000 listeners as many as there are places for are served, the others are told so", async () => {
    const running = await startApi({ ...(await place.deps({ limits: { eventClients: 50 } })), port: 0 });
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, () => listen(`${running.url}/api/events`)),
    );
    const served = answers.filter(({ status }) => status === 200);
    expect(served).toHaveLength(50);
    expect(answers.filter(({ status }) => status === 503)).toHaveLength(950);
    for (const { end } of served) end();
    await expect
      .poll(async () => {
        const again = await listen(`${running.url}/api/events`);
        again.end();
        return again.status;
      })
      .toBe(200);
    await running.close();
  });
});

function listen(url: string): Promise<{ status: number; end: () => void }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent: false }, (answer) => {
      answer.resume();
      answer.on("error", () => {});
      resolve({ status: answer.statusCode ?? 0, end: () => request.destroy() });
    });
    request.on("error", reject);
    request.end();
  });
}
