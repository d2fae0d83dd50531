import { steerBuild } from "@shardmill/owner";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import {
  buildDetailSchema,
  buildsSchema,
  controlAnswerSchema,
  createBuildSchema,
  datasetName,
  type RequestAnswer,
  requestAnswerSchema,
  retrySchema,
} from "../contract/index.ts";
import { detailOfBuild, summaryOfBuild } from "../read/build-answers.ts";
import { ofEachBuild } from "../read/of-each-build.ts";
import type { RequestDesk } from "../requests/request-desk.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

const params = z.object({ dataset: datasetName });
const controls = { pause: "pause", resume: "run", cancel: "cancel" } as const;

export function buildRoutes(app: App, service: Service, desk: RequestDesk): void {
  listRoutes(app, service, desk);
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
    async (request, reply) => answerRequest(reply, await desk.create(request.body)),
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
    async ({ params: { dataset }, body }, reply) => answerRequest(reply, await desk.retry(dataset, body)),
  );
}

/** 202: the work was taken. 200: a dry run, which starts nothing. */
function answerRequest(reply: FastifyReply, answer: RequestAnswer) {
  return reply.status(answer.state === "dry_run" ? 200 : 202).send(answer);
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

function controlRoutes(app: App, service: Service): void {
  for (const [verb, control] of Object.entries(controls) as [
    keyof typeof controls,
    "pause" | "run" | "cancel",
  ][]) {
    app.post(
      `/api/builds/:dataset/${verb}`,
      {
        schema: {
          operationId: `${verb}Build`,
          summary: `${verb} a build`,
          params,
          response: { 200: controlAnswerSchema, ...problems },
        },
        config: { rateLimit: { max: service.limits.writesPerMinute } },
      },
      async ({ params: { dataset } }) => {
        // By the records alone: a queue that is away is asked once, and that is told within two seconds.
        const { build } = await service.view(dataset);
        const { records } = service.books(dataset);
        const queue = await service.queues.of(records);
        if ((await steerBuild(queue, records, build.build, control)) === "at_rest")
          throw new ApiProblem("at_rest", `nothing of ${dataset} is at work: there is nothing to ${verb}`);
        service.eye.invalidate(build.build);
        service.feed.changed(dataset, build.build);
        return { dataset, control };
      },
    );
  }
}
