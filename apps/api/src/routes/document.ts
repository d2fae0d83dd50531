import type { SwaggerOptions } from "@fastify/swagger";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { ApiDeps } from "../api-options.ts";

/** What the service says of itself at /openapi.json. */
export function documentOf({ version, token }: ApiDeps): SwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Shardmill",
        version,
        description: "Builds of WebDataset shards: ask, watch, look, retry.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: token === null ? [] : [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (given) => withTrueTypes(jsonSchemaTransformObject(given)),
  };
}

type Document = ReturnType<typeof jsonSchemaTransformObject>;

/** What a route produces it produces where all goes well: a problem is JSON everywhere. */
function withTrueTypes(document: Document): Document {
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path ?? {})) {
      if (typeof operation !== "object" || operation === null || !("responses" in operation)) continue;
      for (const [status, answer] of Object.entries(operation.responses ?? {})) {
        if (!/^[45]/.test(status) || !("content" in answer) || answer.content === undefined) continue;
        const [first] = Object.values(answer.content);
        answer.content = { "application/json": first ?? {} };
      }
    }
  }
  return document;
}
