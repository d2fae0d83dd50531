import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { problemSchema } from "../contract/index.ts";

/** A server whose routes are typed by their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Every route may answer with a problem; the document says so once, here. */
export const problems = { "4xx": problemSchema, "5xx": problemSchema } as const;

const noQuery = z.strictObject({});

/** A query that a route does not know is a mistake of whoever wrote it, and no wish that can be passed over. */
export function refuseOtherQueries(app: App): void {
  app.addHook("onRoute", (route) => {
    route.schema = { querystring: noQuery, ...route.schema };
  });
}
