import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import swagger from "@fastify/swagger";
import fastify, { LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import type { ApiDeps } from "./api-options.ts";
import { RequestDesk } from "./requests/request-desk.ts";
import { answerWell } from "./routes/answers.ts";
import { type App, refuseOtherQueries } from "./routes/app.ts";
import { buildRoutes } from "./routes/build-routes.ts";
import { documentOf } from "./routes/document.ts";
import { watchRoutes } from "./routes/methods.ts";
import { metricsRoute } from "./routes/metrics-route.ts";
import { mixRoutes } from "./routes/mix-routes.ts";
import { pageRoutes } from "./routes/page-routes.ts";
import { partRoutes } from "./routes/part-routes.ts";
import { putAwayRoute } from "./routes/put-away-route.ts";
import { sampleRoutes } from "./routes/sample-routes.ts";
import { serviceRoutes } from "./routes/service-routes.ts";
import { workerRoutes } from "./routes/worker-routes.ts";
import { answerProblem } from "./secure/answer-problem.ts";
import { guard, mustBeSafe } from "./secure/guard.ts";
import { headers } from "./secure/headers.ts";
import { Service } from "./service.ts";

export interface BuiltApi {
  readonly app: App;
  close(): Promise<void>;
}

/** The service without a socket: everything but `listen`. */
export async function buildApi(deps: ApiDeps): Promise<BuiltApi> {
  mustBeSafe(deps);
  const service = await Service.open(deps);
  try {
    const desk = new RequestDesk(service);
    const { host, token, allowedHosts = [] } = deps;
    const { wrongTokensPerMinute } = service.limits;
    const check = guard({ host, token, allowedHosts, wrongTokensPerMinute });
    const app = await assemble(deps, service, desk, check);
    return {
      app,
      async close() {
        // Live connections first: the server waits for every open one.
        service.stop();
        await app.close();
        await desk.settled();
        await service.close();
      },
    };
  } catch (error) {
    await service.close();
    throw error;
  }
}

async function assemble(
  deps: ApiDeps,
  service: Service,
  desk: RequestDesk,
  check: ReturnType<typeof guard>,
): Promise<App> {
  const app = fastify({
    loggerInstance: deps.log,
    // One line for every request would drown the build's; problems are logged where they are answered.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: service.limits.bodyBytes,
    requestTimeout: 30_000,
    forceCloseConnections: true,
    // Addresses that cannot be read at all never come to the guard, and are told nothing.
    frameworkErrors: (error, request, reply) => answerProblem(error, request, reply),
    routerOptions: { maxParamLength: 300 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // A form can be sent by any page without asking; JSON cannot.
  app.removeContentTypeParser("text/plain");
  app.addHook("onRequest", async (request, reply) => check(request, reply));
  app.setErrorHandler(answerProblem);
  await app.register(helmet, headers);
  await app.register(rateLimit, { max: service.limits.readsPerMinute, timeWindow: 60_000 });
  await app.register(swagger, documentOf(deps));
  await answerWell(app);
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, watchRoutes(app));
  await app.register(async (scope) => {
    const typed = scope.withTypeProvider<ZodTypeProvider>();
    refuseOtherQueries(typed);
    buildRoutes(typed, service, desk);
    partRoutes(typed, service);
    sampleRoutes(typed, service);
    serviceRoutes(typed, service);
    workerRoutes(typed, service);
    mixRoutes(typed, service);
    putAwayRoute(typed, service, desk);
    metricsRoute(typed, service);
    scope.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  });
  if (deps.dashboardDir !== null) await pageRoutes(app, deps.dashboardDir);
  await app.ready();
  return app;
}
