import { aboutRetry, readRequests } from "@shardmill/owner";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import {
  buildDetailSchema,
  buildsSchema,
  createBuildSchema,
  datasetName,
  type RequestAnswer,
  requestAnswerSchema,
  requestsSchema,
  retrySchema,
} from "../contract/index.ts";
import { detailOfBuild, summaryOfBuild } from "../read/build-answers.ts";
import { ofEachBuild } from "../read/of-each-build.ts";
import { readSelection } from "../requests/read-selection.ts";
import { type OnPlanning, originOf, recordRequest } from "../requests/record-request.ts";
import type { RequestDesk } from "../requests/request-desk.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";
import { controlRoutes } from "./control-routes.ts";

const params = z.object({ dataset: datasetName });

export function buildRoutes(app: App, service: Service, desk: RequestDesk): void {
  listRoutes(app, service, desk);
  requestsRoute(app, service);
  requestRoutes(app, service, desk);
  controlRoutes(app, service);
}

/** What asks for work. */
function requestRoutes(app: App, service: Service, desk: RequestDesk): void {
  app.post(
    "/api/builds",
    {
      schema: {
        operationId: "createBuild",
        summary: "Ask for a dataset, or some parts of it. The same request twice is one build.",
        body: createBuildSchema,
        response: { 200: requestAnswerSchema, 202: requestAnswerSchema, ...problems },
      },
      config: { rateLimit: { max: service.limits.writesPerMinute } },
    },
    async (request, reply) => {
      const { body } = request;
      const create = (onPlanning: OnPlanning) => desk.create(body, onPlanning);
      if (body.dryRun === true) return answerRequest(reply, await create(() => undefined));
      const verb = body.rebuild === true ? "rebuild" : "build";
      const asked = { verb, about: aboutBuild(body), origin: originOf(request) } as const;
      return answerRequest(reply, await recordRequest(service, body.as ?? body.dataset, asked, create));
    },
  );
  app.post(
    "/api/builds/:dataset/retry",
    {
      schema: {
        operationId: "retryParts",
        summary: "Run again what the selection names; with dryRun, only the list",
        params,
        body: retrySchema,
        response: { 200: requestAnswerSchema, 202: requestAnswerSchema, ...problems },
      },
      config: { rateLimit: { max: service.limits.writesPerMinute } },
    },
    async (request, reply) => {
      const {
        params: { dataset },
        body,
      } = request;
      const retry = (onPlanning: OnPlanning) => desk.retry(dataset, body, onPlanning);
      if (body.dryRun === true) return answerRequest(reply, await retry(() => undefined));
      const about = aboutRetry(readSelection(body.selection));
      const asked = { verb: "retry", about, origin: originOf(request) } as const;
      return answerRequest(reply, await recordRequest(service, dataset, asked, retry));
    },
  );
}

/** What of the dataset is asked for, in the words of the request. */
function aboutBuild({ parts, recipe, settings }: z.output<typeof createBuildSchema>): string | null {
  const words = [
    ...(parts === undefined ? [] : [`parts ${parts}`]),
    ...(recipe === undefined ? [] : [`recipe ${recipe}`]),
    ...(settings ?? []),
  ];
  return words.length === 0 ? null : words.join(", ");
}

/** 202: the work was taken. 200: a dry run, which starts nothing. */
function answerRequest(reply: FastifyReply, answer: RequestAnswer) {
  return reply.status(answer.state === "dry_run" ? 200 : 202).send(answer);
}

function requestsRoute(app: App, service: Service): void {
  app.get(
    "/api/builds/:dataset/requests",
    {
      schema: {
        operationId: "listRequests",
        summary: "Who asked for what of a build, when, and what came of it; the newest first",
        params,
        response: { 200: requestsSchema, ...problems },
      },
    },
    async ({ params: { dataset } }) => {
      await service.view(dataset);
      const requests = await readRequests(service.books(dataset).records);
      return { requests: requests.map(({ version: _, ...request }) => request) };
    },
  );
}

function listRoutes(app: App, service: Service, desk: RequestDesk): void {
  app.get(
    "/api/builds",
    {
      schema: {
        operationId: "listBuilds",
        summary: "Every build in the output folder",
        response: { 200: buildsSchema, ...problems },
      },
    },
    async () => {
      const { answers, unreadable } = await ofEachBuild(service, (now) => summaryOfBuild(service, now));
      const requests = service.outputs.list().flatMap(({ name: dataset }) => {
        const state = desk.stateOf(dataset);
        return state === null ? [] : [{ dataset, ...state }];
      });
      return { builds: [...answers], unreadable: [...unreadable], requests };
    },
  );
  app.get(
    "/api/builds/:dataset",
    {
      schema: {
        operationId: "getBuild",
        summary: "One build",
        params,
        response: { 200: buildDetailSchema, ...problems },
      },
    },
    async ({ params: { dataset } }) =>
      detailOfBuild(service, await service.build(dataset), desk.stateOf(dataset)),
  );
}
