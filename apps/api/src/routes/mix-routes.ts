import { mixesSchema } from "../contract/index.ts";
import { MixAnswers } from "../read/mix-answers.ts";
import type { Service } from "../service.ts";
import { type App, problems } from "./app.ts";

export function mixRoutes(app: App, service: Service): void {
  const answers = new MixAnswers(service);
  app.get(
    "/api/mixes",
    {
      schema: {
        operationId: "listMixes",
        summary: "Mixes for training: what is in each, shares, what keeps it from being ready",
        response: { 200: mixesSchema, ...problems },
      },
    },
    () => answers.all(),
  );
}
