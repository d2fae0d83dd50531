import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";

/** What the service says of itself in /openapi.json, held against what it takes and answers. */
let place: TestPlace;
let api: BuiltApi;
let paths: Paths;
/** What the document's schemas refer to. */
let components: Record<string, unknown>;
const headers = { host: "127.0.0.1" };
// `coerceTypes`: what stands in an address is text.
const ajv = new Ajv2020({ strict: false, allErrors: true, coerceTypes: true, validateFormats: false });
const answers = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });

const contentSchema = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const pathsSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.object({
      parameters: z
        .array(
          z.object({
            name: z.string(),
            in: z.enum(["path", "query"]),
            required: z.boolean().optional(),
            schema: z.record(z.string(), z.unknown()),
          }),
        )
        .default([]),
      requestBody: z.object({ content: contentSchema }).optional(),
      responses: z.record(z.string(), z.object({ content: contentSchema.optional() })),
    }),
  ),
);
type Paths = z.output<typeof pathsSchema>;

beforeAll(async () => {
  place = await openTestPlace();
  const mirror = join(place.root, "mirror");
  await mkdir(join(mirror, "data/train"), { recursive: true });
  for (const part of [0, 1, 2]) await writeFile(join(mirror, `OpenVid_part${part}.zip`), `part ${part}`);
  await writeFile(join(mirror, "data/train/OpenVid-1M.csv"), "video,caption\n");
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 10,
    sourceFolder: mirror,
    parts: [
      { part: 0, kind: "done", members: 20, frames: 2, left: { decode_error: 2, no_annotation: 1 } },
      { part: 1, kind: "missing" },
      { part: 2, kind: "failed", members: 10 },
      { part: 3, kind: "absent" },
    ],
  });
  await place.queue.beat({
    worker: "box/1/mill",
    host: "box",
    pid: 1,
    version: "0.1.0",
    role: "mill",
    current: [{ build: "b", step: "mill", label: "p0001", range: "0000", member: "a.mp4" }],
    limits: { minFreeBytes: 1, maxOutputBytes: null, maxBytesPerS: 5 },
    refuses: [{ build: "b", dataset: "openvid-1m", why: "sharp 1, the build has 2" }],
  });
  api = await place.open({ sourceFolders: new Map([["openvid-1m", mirror]]) });
  const isReady = async () => (await api.app.inject({ url: "/readyz", headers })).statusCode === 200;
  await vi.waitUntil(isReady, { timeout: 20_000 });
  const text = (await api.app.inject({ url: "/openapi.json", headers })).json() as unknown;
  ({ paths, components } = z
    .object({ paths: pathsSchema, components: z.record(z.string(), z.unknown()) })
    .parse(text));
});
afterAll(() => place.close());

interface Asked {
  readonly route: string;
  readonly url: string;
  readonly body?: object;
  readonly status: number;
}

const one = "/api/builds/openvid-1m";
const shard = "openvid-1m-p0000-0000";
const key = "openvid-p0000-000005";
const listed = "/api/builds/{dataset}";
const get = (route: string, url: string, status = 200): Asked => ({ route: `GET ${route}`, url, status });
const post = (route: string, url: string, body?: object, status = 202): Asked => ({
  route: `POST ${route}`,
  url,
  status,
  ...(body === undefined ? {} : { body }),
});

const asked: readonly Asked[] = [
  get("/api/builds", "/api/builds"),
  get(listed, one),
  get(`${listed}/parts`, `${one}/parts?state=failed,done&page=1&pageSize=2`),
  get(`${listed}/parts/{label}`, `${one}/parts/p0000`),
  get(`${listed}/parts/{label}`, `${one}/parts/p0002`),
  get(`${listed}/failures`, `${one}/failures?code=decode_error&pageSize=1`),
  get(`${listed}/shards`, `${one}/shards?part=p0000`),
  get(`${listed}/shards/{shard}/samples`, `${one}/shards/${shard}/samples?pageSize=3`),
  get(`${listed}/samples/{shard}/{key}`, `${one}/samples/${shard}/${key}`),
  get(`${listed}/keys/{key}`, `${one}/keys/${key}`),
  get(`${listed}/keys/{key}`, `${one}/keys/nothing`, 404),
  get(`${listed}/samples/{shard}/{key}/frames/{n}`, `${one}/samples/${shard}/${key}/frames/1`),
  get("/api/datasets", "/api/datasets"),
  get("/api/mixes", "/api/mixes"),
  get("/api/workers", "/api/workers"),
  post("/api/workers/rest", "/api/workers/rest", { worker: "box/1/mill", rests: true }, 200),
  post("/api/workers/rest", "/api/workers/rest", { worker: "box/2/mill", rests: true }, 404),
  post("/api/workers/rest", "/api/workers/rest", { worker: "box/1/mill" }, 400),
  get("/metrics", "/metrics"),
  get("/healthz", "/healthz"),
  get("/readyz", "/readyz"),
  post(
    "/api/builds",
    "/api/builds",
    { dataset: "openvid-1m", parts: "0-2", rebuild: true, dryRun: true },
    200,
  ),
  post(`${listed}/retry`, `${one}/retry`, { selection: { kind: "stale", parts: "0-1" }, dryRun: true }, 200),
  post(`${listed}/retry`, `${one}/retry`, { selection: { kind: "corrupt", parts: "0" }, dryRun: true }, 200),
  post(
    `${listed}/retry`,
    `${one}/retry`,
    {
      selection: { kind: "failed-samples", codes: ["decode_error"] },
      dryRun: true,
    },
    200,
  ),
  post(`${listed}/pause`, `${one}/pause`, undefined, 409),
  post(`${listed}/retry`, `${one}/retry`, { selection: { kind: "missing" } }),
  post(`${listed}/parts/{label}/pause`, `${one}/parts/p0001/pause`, undefined, 200),
  post(`${listed}/parts/{label}/resume`, `${one}/parts/p0001/resume`, undefined, 200),
  post(`${listed}/parts/{label}/cancel`, `${one}/parts/p0001/cancel`, undefined, 200),
  post(`${listed}/pause`, `${one}/pause`, undefined, 200),
  post(`${listed}/resume`, `${one}/resume`, undefined, 200),
  post(`${listed}/cancel`, `${one}/cancel`, undefined, 200),
  { route: `DELETE ${listed}/request`, url: `${one}/request`, status: 200 },
  get(`${listed}/requests`, `${one}/requests`),
  // Refusals have schemas too.
  get(listed, "/api/builds/cauldron", 404),
  get(`${listed}/parts/{label}`, `${one}/parts/p9999`, 404),
  get(`${listed}/parts`, `${one}/parts?pageSize=0`, 400),
  post("/api/builds", "/api/builds", { dataset: "openvid-1m", surprise: 1 }, 400),
  post("/api/builds", "/api/builds", { dataset: 7 }, 400),
  post("/api/builds", "/api/builds", { dataset: "openvid-1m", parts: "/etc" }, 400),
  post(`${listed}/retry`, `${one}/retry`, { selection: { kind: "everything" } }, 400),
  post(`${listed}/retry`, `${one}/retry`, { selection: { kind: "parts" } }, 400),
];

function operationOf(route: string) {
  const [verb = "", path = ""] = route.split(" ");
  const operation = paths[path]?.[verb.toLowerCase()];
  expect(operation, route).toBeDefined();
  return operation!;
}

function problemsOf(validator: Ajv2020, schema: object, value: unknown): string {
  return validator.validate({ ...schema, components }, value) ? "" : validator.errorsText();
}

/** Empty when the document allows the request: its address and its body. */
function problemsOfRequest({ route, url, body }: Asked): string {
  const { parameters, requestBody } = operationOf(route);
  const { pathname, searchParams } = new URL(url, "http://127.0.0.1");
  const names = route.split(" ")[1]!.split("/");
  const inPath = Object.fromEntries(
    pathname.split("/").flatMap((word, at) => (names[at] === word ? [] : [[names[at]!.slice(1, -1), word]])),
  );
  const given: Record<string, unknown> = { ...inPath, ...Object.fromEntries(searchParams) };
  const known = new Set(parameters.map(({ name }) => name));
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  const missing = parameters.filter(({ name, required }) => required === true && !(name in given));
  const wrong = parameters.flatMap(({ name, schema }) =>
    name in given
      ? [problemsOf(ajv, { type: "object", properties: { [name]: schema } }, { [name]: given[name] })]
      : [],
  );
  const schema = requestBody?.content["application/json"]?.schema;
  const wrongBody = schema === undefined ? "" : problemsOf(answers, schema, body);
  return [...unknown, ...missing.map(({ name }) => name), ...wrong, wrongBody].filter(Boolean).join("; ");
}

describe("the document tells", () => {
  it.each(asked)("$route: what $url $body takes, and what it answers with $status", async (question) => {
    const { route, url, body, status } = question;
    const answer = await api.app.inject({
      method: route.split(" ")[0] as "GET" | "POST" | "DELETE",
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    });
    expect(answer.statusCode, answer.body.slice(0, 300)).toBe(status);
    // What it refuses as malformed, the document forbids; all else it allows.
    expect(problemsOfRequest(question) !== "", problemsOfRequest(question)).toBe(status === 400);
    const { responses } = operationOf(route);
    const content = (responses[String(status)] ?? responses[`${String(status)[0]}XX`])?.content ?? {};
    const type = answer.headers["content-type"]?.toString() ?? "";
    const [named = ""] = Object.keys(content).filter((one) => type.startsWith(one.split(";")[0]!));
    expect(Object.keys(content).length > 0 && named, `${type} of ${Object.keys(content)}`).not.toBe("");
    if (named === "application/json")
      expect(problemsOf(answers, content[named]!.schema, answer.json())).toBe("");
  });

  it("of every route that ends, what a success looks like", () => {
    const all = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    );
    const met = new Set(asked.filter(({ status }) => status < 300).map(({ route }) => route));
    // Live events do not end; security.test.ts and live.test.ts read them.
    expect(all.filter((route) => !met.has(route))).toEqual(["GET /api/events"]);
  });

  it("and its schemas forbid what an answer does not have", () => {
    const schema = operationOf("GET /healthz").responses["200"]!.content!["application/json"]!.schema;
    expect(problemsOf(answers, schema, { ok: false, version: "1" })).not.toBe("");
    expect(problemsOf(answers, schema, { ok: true, version: "1", more: 1 })).not.toBe("");
  });
});
