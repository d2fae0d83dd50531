import { z } from "zod";
import { Metrics } from "../metrics/read-metrics.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

export function metricsRoute(app: App, service: Service): void {
  const metrics = new Metrics(service);
  app.get(
    "/metrics",
    {
      schema: {
        operationId: "getMetrics",
        summary: "For Prometheus",
        produces: [metrics.registry.contentType],
        response: { 200: z.string(), ...problems },
      },
      serializerCompiler: () => (data) => (typeof data === "string" ? data : JSON.stringify(data)),
    },
    async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.text()),
  );
}
