import { restSchema, workersSchema } from "../contract/index.ts";
import { alarmsOf } from "../read/alarms.ts";
import { ofEachBuild } from "../read/of-each-build.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

export function workerRoutes(app: App, service: Service): void {
  listRoute(app, service);
  restRoute(app, service);
}

function listRoute(app: App, service: Service): void {
  const { version } = service.deps;
  app.get(
    "/api/workers",
    {
      schema: {
        operationId: "listWorkers",
        summary: "Workers and what they do now; alarms",
        response: { 200: workersSchema, ...problems },
      },
    },
    async () => {
      const { answers: builds } = await ofEachBuild(service, (now) => now);
      const [now, freeBytes] = await Promise.all([service.eye.now(), service.freeBytes()]);
      return {
        workers: now.workers.map(({ limits: _, partOf: __, ...beat }) => ({
          ...beat,
          sameVersion: beat.version === version,
        })),
        queue: { plan: { ...now.counts.plan }, mill: { ...now.counts.mill } },
        alarms: alarmsOf(now, builds, { freeBytes, away: service.owned.away() }, version),
        freeBytes,
        version,
      };
    },
  );
}

function restRoute(app: App, service: Service): void {
  app.post(
    "/api/workers/rest",
    {
      schema: {
        operationId: "restWorker",
        summary: "Have a worker end what it has in hand and take no new job, or take jobs again",
        body: restSchema,
        response: { 200: restSchema, ...problems },
      },
      config: { rateLimit: { max: service.limits.writesPerMinute } },
    },
    async ({ body: { worker, rests } }) => {
      // Refused at once where the queue is away: nothing of it is done later.
      await service.queues.own.ping();
      const queue = await service.eye.queueOfWorker(worker);
      if (queue === null) throw ApiProblem.notFound(`no worker ${worker} is connected`);
      await queue.setRest(worker, rests);
      service.eye.forgetWorkers();
      return { worker, rests };
    },
  );
}
