import { steerBuild } from "@shardmill/owner";
import { z } from "zod";
import {
  buildDetailSchema,
  buildsSchema,
  controlAnswerSchema,
  createBuildSchema,
  datasetName,
  requestAnswerSchema,
  retrySchema,
} from "../contract/index.ts";
import { detailOfBuild, summaryOfBuild } from "../read/build-answers.ts";
import type { RequestDesk } from "../requests/request-desk.ts";
import type { Room } from "../room.ts";
import { type App, problems } from "./app.ts";

const params = z.object({ dataset: datasetName });
const controls = { pause: "pause", resume: "run", cancel: "cancel" } as const;

export function buildRoutes(app: App, room: Room, desk: RequestDesk): void {
  app.post(
    "/api/builds",
    {
      schema: {
        summary: "Ask for a dataset, or some parts of it. The same request twice is one build.",
        body: createBuildSchema,
        response: { 202: requestAnswerSchema, ...problems },
      },
      config: { rateLimit: { max: room.limits.writesPerMinute } },
    },
    async (request, reply) => reply.status(202).send(await desk.create(request.body)),
  );
  app.get(
    "/api/builds",
    { schema: { summary: "Every build in the output folder", response: { 200: buildsSchema, ...problems } } },
    async () => {
      const names = room.deps.catalogue.list().map(({ name }) => name);
      const found = await Promise.all(names.map((name) => room.buildOrNull(name)));
      const builds = found.flatMap((now) => (now === null ? [] : [summaryOfBuild(room, now)]));
      const requests = names.flatMap((dataset) => {
        const state = desk.stateOf(dataset);
        return state === null ? [] : [{ dataset, ...state }];
      });
      return { builds: await Promise.all(builds), requests };
    },
  );
  app.get(
    "/api/builds/:dataset",
    { schema: { summary: "One build", params, response: { 200: buildDetailSchema, ...problems } } },
    async ({ params: { dataset } }) => detailOfBuild(room, await room.build(dataset), desk.stateOf(dataset)),
  );
  for (const [verb, control] of Object.entries(controls) as [
    keyof typeof controls,
    "pause" | "run" | "cancel",
  ][]) {
    app.post(
      `/api/builds/:dataset/${verb}`,
      {
        schema: { summary: `${verb} a build`, params, response: { 200: controlAnswerSchema, ...problems } },
        config: { rateLimit: { max: room.limits.writesPerMinute } },
      },
      async ({ params: { dataset } }) => {
        const { build } = await room.build(dataset);
        const { records } = room.books(dataset);
        await steerBuild(await room.queues.of(records), records, build.build, control);
        room.eye.invalidate(build.build);
        room.feed.changed(dataset, build.build);
        return { dataset, control };
      },
    );
  }
  app.post(
    "/api/builds/:dataset/retry",
    {
      schema: {
        summary: "Run again what the selection names; with dryRun, only the list",
        params,
        body: retrySchema,
        response: { 202: requestAnswerSchema, ...problems },
      },
      config: { rateLimit: { max: room.limits.writesPerMinute } },
    },
    async ({ params: { dataset }, body }, reply) => reply.status(202).send(await desk.retry(dataset, body)),
  );
}
