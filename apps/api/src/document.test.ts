import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import { catalogueOfMetrics } from "./metrics/read-metrics.ts";

let place: TestPlace;
let api: BuiltApi;
const root = new URL("../../../", import.meta.url);
const headers = { host: "127.0.0.1" };
/** Of Debian's package prometheus; scripts/test-tools.mjs says where it is not. */
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

beforeAll(async () => {
  place = await openTestPlace();
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 10,
    parts: [
      {
        part: 0,
        kind: "done",
        members: 20,
        left: { decode_error: 2, no_annotation: 1 },
        remarks: [{ code: "clip_unlike_its_packets", detail: "other frames came", count: 3 }],
      },
      { part: 1, kind: "missing" },
      {
        part: 2,
        kind: "done",
        members: 5,
        remarks: [
          { code: "clip_unlike_its_packets", detail: "other frames came", count: 2 },
          { code: "leading_bytes", detail: "12 bytes", count: 1 },
        ],
      },
    ],
  });
  api = await place.open();
});
afterAll(() => place.close());

const documentSchema = z.object({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ summary: z.string(), responses: z.record(z.string(), z.unknown()) })),
  ),
});

async function pathsOfDocument(): Promise<string[]> {
  const { paths } = documentSchema.parse((await api.app.inject({ url: "/openapi.json", headers })).json());
  return Object.entries(paths)
    .flatMap(([path, verbs]) => Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`))
    .sort();
}

/** The router's own list, as a tree of prefixes. */
function pathsOfRouter(): string[] {
  const found: string[] = [];
  const prefixes: string[] = [];
  for (const line of api.app.printRoutes({ commonPrefix: false }).split("\n")) {
    const match = /^([│├└─\s]*)(\S+)(?: \(([^)]*)\))?/u.exec(line);
    if (match === null) continue;
    const [, lead = "", text = "", verbs] = match;
    const depth = Math.floor(lead.length / 4);
    prefixes.length = Math.max(0, depth - 1);
    const path = prefixes.join("") + text;
    prefixes[depth - 1] = text;
    for (const verb of verbs?.split(", ") ?? [])
      if (verb !== "HEAD") found.push(`${verb} ${path.replace(/:(\w+)/g, "{$1}")}`);
  }
  return found.sort();
}

describe("the document", () => {
  it("names every route of the service, and no other", async () => {
    const routes = pathsOfRouter().filter((route) => route !== "GET /openapi.json");
    expect(routes.length).toBeGreaterThan(15);
    expect(await pathsOfDocument()).toEqual(routes);
  });

  it("docs/api.md names every route, and no other", async () => {
    const text = await readFile(new URL("docs/api.md", root), "utf8");
    const named = [...text.matchAll(/^\| `(GET|POST|DELETE) (\/[^`?]*)/gm)].map(
      ([, verb, path]) => `${verb} ${path?.replace(/:(\w+)/g, "{$1}")}`,
    );
    expect(named.sort()).toEqual([...(await pathsOfDocument()), "GET /openapi.json"].sort());
  });
});

describe("metrics", () => {
  it("tell the records' counts in Prometheus' own form", async () => {
    const { body, headers: answered } = await api.app.inject({ url: "/metrics", headers });
    expect(answered["content-type"]).toContain("text/plain");
    expect(body).toContain('shardmill_samples{dataset="openvid-1m",outcome="packed",code=""} 22');
    expect(body).toContain('shardmill_samples{dataset="openvid-1m",outcome="failed",code="decode_error"} 2');
    expect(body).toContain('shardmill_parts{dataset="openvid-1m",state="missing"} 1');
    expect(body).toContain('shardmill_remarks{dataset="openvid-1m",code="clip_unlike_its_packets"} 5');
    expect(body).toContain('shardmill_remarks{dataset="openvid-1m",code="leading_bytes"} 1');
    expect(body).toContain("shardmill_queue_up 1");
    for (const line of body.split("\n"))
      if (line !== "" && !line.startsWith("#")) expect(line).toMatch(/^shardmill_/);
  });

  it.skipIf(!hasPromtool)("are named as Prometheus would have them", async () => {
    const { body: input } = await api.app.inject({ url: "/metrics", headers });
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input,
      encoding: "utf8",
    });
    expect([status, `${stdout}${stderr}`]).toEqual([0, ""]);
  });

  it("each state of parts is there before any part is in it, and no label grows with the parts", async () => {
    const [body, again] = (
      await Promise.all([1, 2].map(() => api.app.inject({ url: "/metrics", headers })))
    ).map((answer) => answer.body);
    expect(body).toContain('shardmill_parts{dataset="openvid-1m",state="failed"} 0');
    // Two who ask at once are not told twice as much.
    for (const text of [body, again])
      expect(text).toContain('shardmill_parts{dataset="openvid-1m",state="done"} 2');
    expect(body).toContain('shardmill_job_retries_total{dataset="openvid-1m"} 0');
    for (const [, name] of body!.matchAll(/^# TYPE (shardmill_(?!process|nodejs)\S+) counter$/gm))
      expect(body).toMatch(new RegExp(`^# HELP ${name} .*since start`, "m"));
    const labels = new Set([...body!.matchAll(/(\w+)="/g)].map(([, name]) => name));
    for (const grows of ["part", "label", "shard", "worker", "pid", "build"])
      expect(labels).not.toContain(grows);
  });

  it.skipIf(!hasPromtool)("alert rules fire when they should, and only then", () => {
    const file = new URL("config/monitoring/alerts.test.yml", root).pathname;
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });

  it("every alert has a rule test that fires it, and one that does not", async () => {
    const folder = new URL("config/monitoring/", root);
    const rules = await readFile(new URL("alerts.yml", folder), "utf8");
    const cases = await readFile(new URL("alerts.test.yml", folder), "utf8");
    for (const [, alert] of rules.matchAll(/- alert: (\w+)/g)) {
      expect(cases).toMatch(new RegExp(`alertname: ${alert}\n +exp_alerts: \\[\\]`));
      expect(cases).toMatch(new RegExp(`alertname: ${alert}\n +exp_alerts:\n`));
    }
  });

  it("every exported name stands in docs/api.md", async () => {
    const text = await readFile(new URL("docs/api.md", root), "utf8");
    const named = new Set([...text.matchAll(/`(shardmill_[a-z_]+)`/g)].map(([, name]) => name));
    expect([...named].sort()).toEqual(Object.keys(catalogueOfMetrics).sort());
  });

  it.each(["grafana-dashboard.json", "alerts.yml"])(
    "config/monitoring/%s asks for names that are exported",
    async (file) => {
      const text = await readFile(new URL(`config/monitoring/${file}`, root), "utf8");
      const { body } = await api.app.inject({ url: "/metrics", headers });
      const exported = new Set([...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
      const asked = new Set([...text.matchAll(/\bshardmill_[a-z_]+\b/g)].map(([name]) => name));
      expect(asked.size).toBeGreaterThan(5);
      expect([...asked].filter((name) => !exported.has(name))).toEqual([]);
    },
  );

  it("the Grafana dashboard is JSON with panels that do not overlap", async () => {
    const text = await readFile(new URL("config/monitoring/grafana-dashboard.json", root), "utf8");
    const panels = z
      .object({
        panels: z.array(
          z.object({
            title: z.string(),
            gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
          }),
        ),
      })
      .parse(JSON.parse(text)).panels;
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`), title).toBe(false);
          taken.add(`${x},${y}`);
        }
    }
  });
});
