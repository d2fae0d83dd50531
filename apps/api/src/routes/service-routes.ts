import { problemText } from "@shardmill/catalogue";
import { conditionsOf, type Dataset } from "@shardmill/core";
import { z } from "zod";
import { type DatasetSummary, datasetsSchema, healthSchema, readySchema } from "../contract/index.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

/** Seconds after which a place for live events may be free again. */
const whenFullS = 15;

export function serviceRoutes(app: App, service: Service): void {
  datasetsRoute(app, service);
  eventsRoute(app, service);
  healthRoutes(app, service);
}

function datasetsRoute(app: App, { deps }: Service): void {
  const { catalogue, presets, sourceFolders } = deps;
  app.get(
    "/api/datasets",
    {
      schema: {
        operationId: "listDatasets",
        summary: "The catalogue, with licences",
        response: { 200: datasetsSchema, ...problems },
      },
    },
    async () => ({
      datasets: catalogue.list().map((dataset) => summaryOfDataset(dataset, sourceFolders)),
      recipes: (presets?.recipes() ?? []).map(({ name, title }) => ({ name, title })),
      invalid: [...catalogue.invalid, ...(presets?.invalid ?? [])].map(({ file, problems: found }) => ({
        file,
        problems: found.map(problemText),
      })),
    }),
  );
}

function eventsRoute(app: App, service: Service): void {
  const { version } = service.deps;
  app.get(
    "/api/events",
    {
      schema: {
        operationId: "streamEvents",
        summary: "Live events, as server-sent events: each `data:` is one of the contract's live events",
        produces: ["text/event-stream"],
        response: { 200: z.unknown(), ...problems },
      },
    },
    async (request, reply) => {
      const isHead = request.method === "HEAD";
      if (!isHead && service.clients.isFull) {
        reply.header("retry-after", whenFullS);
        throw new ApiProblem("busy", `all ${service.limits.eventClients} places for live events are taken`);
      }
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      });
      reply.hijack();
      if (isHead) {
        reply.raw.end();
        return;
      }
      service.clients.add(reply.raw, { kind: "hello", version, clients: service.clients.size + 1 });
    },
  );
}

function healthRoutes(app: App, service: Service): void {
  const { version } = service.deps;
  app.get(
    "/healthz",
    {
      config: { rateLimit: false },
      schema: {
        operationId: "getHealth",
        summary: "The process is alive",
        response: { 200: healthSchema, ...problems },
      },
    },
    async () => ({ ok: true as const, version }),
  );
  app.get(
    "/readyz",
    {
      config: { rateLimit: false },
      schema: {
        operationId: "getReadiness",
        summary: "The queue answers, the output can be reached, and its records have been read",
        response: { 200: readySchema, 503: readySchema, ...problems },
      },
    },
    async (_request, reply) => {
      const [queue, output] = await Promise.all([
        succeeds(service.queues.own.ping()),
        service.isOutputThere(),
      ]);
      const records = service.isWarm;
      const ready = queue && output && records;
      return reply.status(ready ? 200 : 503).send({ ready, queue, output, records });
    },
  );
}

function succeeds(asked: Promise<unknown>): Promise<boolean> {
  return asked.then(
    () => true,
    () => false,
  );
}

function summaryOfDataset(
  dataset: Dataset,
  folders: ReadonlyMap<string, string> | undefined,
): DatasetSummary {
  const { name, title, description, license, licenseNote, homepage, media, source, expected, presets } =
    dataset;
  return {
    name,
    title,
    description,
    license,
    licenseNote,
    homepage: homepage ?? null,
    media,
    source:
      source.kind === "hub" ? `hub:${source.repo}` : source.kind === "http" ? source.base : "a local folder",
    parts: expected.parts ?? null,
    annotations: expected.annotations ?? null,
    buildable: source.kind !== "folder" || folders?.has(name) === true,
    presets: Object.keys(presets),
    conditions: conditionsWritten(dataset),
  };
}

function conditionsWritten(dataset: Dataset): DatasetSummary["conditions"] {
  const conditions = conditionsOf(dataset);
  return conditions === null ? null : { ...conditions, lines: [...conditions.lines] };
}
