import { partLabel } from "@shardmill/core";
import { z } from "zod";
import {
  datasetName,
  failuresQuerySchema,
  failuresSchema,
  page,
  pageSizeOf,
  partDetailSchema,
  partName,
  partsPageSchema,
  partsQuerySchema,
  partsText,
  shardsPageSchema,
} from "../contract/index.ts";
import { detailOfPart, shardOf } from "../read/build-answers.ts";
import { namedParts } from "../read/named-parts.ts";
import { readFailures } from "../read/read-failures.ts";
import { readParts } from "../read/read-parts.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

const params = z.object({ dataset: datasetName });
const partParams = z.object({ dataset: datasetName, label: partName });
const shardsQuery = z.strictObject({ part: partsText.optional(), page, pageSize: pageSizeOf(100, 1_000) });

export function partRoutes(app: App, service: Service): void {
  app.get(
    "/api/builds/:dataset/parts",
    {
      schema: {
        operationId: "listParts",
        summary:
          "Parts, by state and text of their label if asked (`state=failed,partial`), in the order asked for",
        params,
        querystring: partsQuerySchema,
        response: { 200: partsPageSchema, ...problems },
      },
    },
    async ({ params: { dataset }, query }) => {
      const { status } = await service.build(dataset);
      return readParts(status.parts, query);
    },
  );
  app.get(
    "/api/builds/:dataset/parts/:label",
    {
      schema: {
        operationId: "getPart",
        summary: "One part, its shards and log",
        params: partParams,
        response: { 200: partDetailSchema, ...problems },
      },
    },
    async ({ params: { dataset, label } }) => detailOfPart(service, await service.build(dataset), label),
  );
  leftOutRoute(app, service);
  shardsRoute(app, service);
}

function leftOutRoute(app: App, service: Service): void {
  app.get(
    "/api/builds/:dataset/failures",
    {
      schema: {
        operationId: "listFailures",
        summary: "What was left out, grouped by code, with members",
        params,
        querystring: failuresQuerySchema,
        response: { 200: failuresSchema, ...problems },
      },
    },
    async ({ params: { dataset }, query }) => readFailures(service, await service.build(dataset), query),
  );
}

function shardsRoute(app: App, service: Service): void {
  app.get(
    "/api/builds/:dataset/shards",
    {
      schema: {
        operationId: "listShards",
        summary: "Committed shards, by name",
        params,
        querystring: shardsQuery,
        response: { 200: shardsPageSchema, ...problems },
      },
    },
    async ({ params: { dataset }, query: { part, page: at, pageSize } }) => {
      const { status, books } = await service.build(dataset);
      const labels = new Set(part === undefined ? [] : namedParts(status, part).map(({ label }) => label));
      const { manifests } = books;
      const chosen =
        part === undefined ? manifests : manifests.filter((manifest) => labels.has(partLabel(manifest)));
      const shards = chosen.slice((at - 1) * pageSize, at * pageSize).map(shardOf);
      return { page: at, pageSize, total: chosen.length, shards };
    },
  );
}
