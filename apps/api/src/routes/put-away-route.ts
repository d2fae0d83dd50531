import { z } from "zod";
import { datasetName, putAwaySchema } from "../contract/index.ts";
import type { RequestDesk } from "../requests/request-desk.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

export function putAwayRoute(app: App, service: Service, desk: RequestDesk): void {
  app.delete(
    "/api/builds/:dataset/request",
    {
      schema: {
        operationId: "putAwayRequest",
        summary: "Put away a request that was refused, once it has been read",
        params: z.object({ dataset: datasetName }),
        response: { 200: putAwaySchema, ...problems },
      },
      config: { rateLimit: { max: service.limits.writesPerMinute } },
    },
    async ({ params: { dataset } }) => {
      service.books(dataset);
      desk.problems.delete(dataset);
      service.feed.changed(dataset, dataset);
      // One that is being planned stays.
      return { dataset, request: desk.stateOf(dataset) };
    },
  );
}
