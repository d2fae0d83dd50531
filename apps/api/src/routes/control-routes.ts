import type { Control } from "@shardmill/core";
import { steerBuild, steerPart } from "@shardmill/owner";
import { z } from "zod";
import { controlAnswerSchema, datasetName, partControlAnswerSchema, partName } from "../contract/index.ts";
import { onlyPart } from "../read/named-parts.ts";
import { originOf, recordSteering } from "../requests/record-request.ts";
import { ApiProblem } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

const params = z.object({ dataset: datasetName });
const partParams = z.object({ dataset: datasetName, label: partName });
const controls = { pause: "pause", resume: "run", cancel: "cancel" } as const;
type Verb = keyof typeof controls;

/** What is at work, as a whole or one part of it, is paused, let go on or cancelled. */
export function controlRoutes(app: App, service: Service): void {
  for (const verb of Object.keys(controls) as Verb[]) {
    buildControlRoute(app, service, verb);
    partControlRoute(app, service, verb);
  }
}

function buildControlRoute(app: App, service: Service, verb: Verb): void {
  const control = controls[verb];
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
    async (request) => {
      const { dataset } = request.params;
      const asked = { verb, about: null, origin: originOf(request) };
      await recordSteering(service, dataset, asked, () => steer(service, dataset, verb, null));
      return { dataset, control };
    },
  );
}

function partControlRoute(app: App, service: Service, verb: Verb): void {
  const control = controls[verb];
  app.post(
    `/api/builds/:dataset/parts/:label/${verb}`,
    {
      schema: {
        operationId: `${verb}Part`,
        summary: `${verb} one part of a build that is at work`,
        params: partParams,
        response: { 200: partControlAnswerSchema, ...problems },
      },
      config: { rateLimit: { max: service.limits.writesPerMinute } },
    },
    async (request) => {
      const { dataset, label } = request.params;
      const { status } = await service.view(dataset);
      const { label: part } = onlyPart(status, label);
      const asked = { verb, about: `part ${part}`, origin: originOf(request) };
      await recordSteering(service, dataset, asked, () => steer(service, dataset, verb, part));
      return { dataset, part, control };
    },
  );
}

async function steer(service: Service, dataset: string, verb: Verb, label: string | null): Promise<void> {
  const control: Control = controls[verb];
  // By the records alone: a queue that is away is asked once, and that is told within two seconds.
  const { build } = await service.view(dataset);
  const { records } = service.books(dataset);
  const queue = await service.queues.of(records);
  const outcome =
    label === null
      ? await steerBuild(queue, records, build.build, control)
      : await steerPart(queue, { records, build: build.build, label }, control);
  if (outcome === "at_rest") {
    const what = label === null ? dataset : `part ${label} of ${dataset}`;
    throw new ApiProblem("at_rest", `nothing of ${what} is at work: there is nothing to ${verb}`);
  }
  service.eye.invalidate(build.build);
  service.feed.changed(dataset, build.build);
}
