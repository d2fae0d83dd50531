import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { Seeded } from "../../../packages/core/testing/seeded.ts";
import { anyOf, type Known, type Schema } from "../testing/any-of-schema.ts";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";

/** Of each route; one seed makes the same requests in every run. */
const requestsEach = 20;
const seed = 18;
/** Far more than any request takes: one that is not answered by then hangs. */
const hangsAfterMs = 20_000;

const answerSchema = z.object({
  content: z.record(z.string(), z.object({ schema: z.unknown().optional() })).optional(),
});
const operationSchema = z.object({
  parameters: z
    .array(z.object({ name: z.string(), in: z.enum(["path", "query"]), schema: z.custom<Schema>() }))
    .default([]),
  requestBody: z
    .object({ content: z.object({ "application/json": z.object({ schema: z.custom<Schema>() }) }) })
    .optional(),
  responses: z.record(z.string(), answerSchema),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});
type Document = z.output<typeof documentSchema>;
type Operation = z.output<typeof operationSchema>;

const known: Known = {
  dataset: ["openvid-1m", "openvid-1m", "openvid-1m", "llava-video-178k", "no-such"],
  as: ["mine", "openvid-1m"],
  label: ["p0000", "0", "1", "p0001", "p0099", "0-1"],
  part: ["0", "0-1", "p0001", "7"],
  parts: ["0", "0-2", "1", "2-1", "99"],
  shard: ["openvid-1m-p0000-0000", "openvid-1m-p0000-0001", "openvid-1m-p0000", "build"],
  key: ["openvid-p0000-000002", "openvid-p0000-000003", "openvid-p0000-000019", "nothing"],
  code: ["decode_error", "no_annotation", "decode_timeout", "wrong_use"],
  codes: ["decode_error", "decode_timeout"],
  state: ["done", "failed,partial", "missing"],
  recipe: ["seed-stage1", "none"],
  settings: ["samplesPerShard=5", "recipe.size=96", "recipe.size=x"],
  n: ["0", "1", "9999"],
  v: ["abc"],
};

let place: TestPlace;
let api: BuiltApi;
let document: Document;

beforeAll(async () => {
  place = await openTestPlace();
  const folder = join(place.root, "mirror");
  await mkdir(join(folder, "data/train"), { recursive: true });
  for (const part of [0, 1, 2]) await writeFile(join(folder, `OpenVid_part${part}.zip`), `part ${part}`);
  await writeFile(join(folder, "data/train/OpenVid-1M.csv"), "video,caption\n");
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 10,
    parts: [
      { part: 0, kind: "done", members: 20, frames: 1, left: { decode_error: 2, no_annotation: 1 } },
      { part: 1, kind: "failed" },
      { part: 2, kind: "missing" },
    ],
  });
  api = await place.open({
    sourceFolders: new Map([["openvid-1m", folder]]),
    limits: { readsPerMinute: 1e6, writesPerMinute: 1e6, planningAnswerMs: 100, statusTtlMs: 1_000 },
  });
  document = documentSchema.parse((await send({ url: "/openapi.json" })).json());
});
afterAll(() => place.close());

const send = (sent: InjectOptions) =>
  api.app.inject({ ...sent, headers: { host: "127.0.0.1", ...sent.headers } });

it("no request that the document allows, or nearly allows, is a 500, hangs, or is answered otherwise than it says", async () => {
  const seeded = new Seeded(seed);
  const statuses = new Map<string, Set<number>>();
  for (const [path, verbs] of Object.entries(document.paths)) {
    for (const [verb, operation] of Object.entries(verbs)) {
      const route = `${verb.toUpperCase()} ${path}`;
      const found = new Set<number>();
      for (let n = 0; n < requestsEach; n += 1) {
        const request = n === 0 ? plainOf(path, verb) : requestOf(path, verb, operation, seeded);
        found.add(await answered(route, request, operation));
      }
      statuses.set(route, found);
    }
  }
  // The generator comes through to what each route does, and also to what each refuses.
  for (const [route, found] of statuses) {
    if (route.startsWith("GET")) expect(found, route).toContain(200);
    if (route.includes("{"))
      expect(
        [...found].some((status) => status >= 400),
        route,
      ).toBe(true);
  }
});

/** What there is, asked for as it should be. */
function plainOf(path: string, verb: string): InjectOptions {
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => known[name]?.[0] ?? "");
  return { method: verb.toUpperCase() as "GET", url };
}

function requestOf(path: string, verb: string, operation: Operation, seeded: Seeded): InjectOptions {
  const query = new URLSearchParams();
  let url = path;
  for (const { name, in: where, schema } of operation.parameters) {
    const value = textOf(anyOf(schema, name, known, seeded));
    if (where === "path") url = url.replace(`{${name}}`, encodeURIComponent(Buffer.from(value).toString()));
    else if (seeded.below(2) === 0) query.append(name, value);
  }
  if (seeded.below(12) === 0) query.append("constructor", "1");
  const schema = operation.requestBody?.content["application/json"].schema;
  const payload = schema === undefined ? undefined : JSON.stringify(anyOf(schema, "", known, seeded));
  return {
    method: verb.toUpperCase() as "GET",
    url: query.size === 0 ? url : `${url}?${query}`,
    ...(payload === undefined ? {} : { payload, headers: { "content-type": "application/json" } }),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The status, once the answer fits what the document says of it. */
async function answered(route: string, request: InjectOptions, { responses }: Operation): Promise<number> {
  const told = `${route}: ${request.url} ${request.payload ?? ""}`;
  const given = await Promise.race([send({ ...request, payloadAsStream: true }), hangs(told)]);
  const { statusCode } = given;
  expect(statusCode, told).not.toBe(500);
  const type = String(given.headers["content-type"]).split(";")[0] ?? "";
  if (type === "text/event-stream") {
    given.raw.res.destroy();
    return statusCode;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of given.stream()) chunks.push(chunk as Buffer);
  const answer = responses[statusCode] ?? responses[`${Math.floor(statusCode / 100)}XX`];
  expect(answer, `${told}: ${statusCode} is not in the document`).toBeDefined();
  const content = answer?.content ?? {};
  const types = Object.keys(content).map((one) => one.split(";")[0]);
  expect(types, `${told}: ${statusCode}`).toContain(type);
  const schema = content[type]?.schema;
  if (type === "application/json") {
    const read = checkerOf(schema).safeParse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    expect(read.error?.issues, `${told}: ${statusCode}`).toBeUndefined();
  }
  return statusCode;
}

async function hangs(told: string): Promise<never> {
  await wait(hangsAfterMs, undefined, { ref: false });
  throw new Error(`no answer to ${told}`);
}

const checkers = new Map<unknown, z.ZodType>();

function checkerOf(schema: unknown): z.ZodType {
  const kept = checkers.get(schema);
  if (kept !== undefined) return kept;
  const { schemas } = document.components;
  const whole = JSON.stringify({ ...(schema as object), $defs: schemas });
  const made = z.fromJSONSchema(JSON.parse(whole.replaceAll("#/components/schemas/", "#/$defs/")));
  checkers.set(schema, made);
  return made;
}
