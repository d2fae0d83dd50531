import { access } from "node:fs/promises";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import { Failure } from "@shardmill/core";
import type { App } from "./app.ts";

/** The built page. Each of its files is a route of its own: nothing else of the folder can be asked for. */
export async function pageRoutes(app: App, folder: string): Promise<void> {
  try {
    await access(join(folder, "index.html"));
  } catch (cause) {
    throw new Failure("wrong_use", `the page is not built: ${folder} has no index.html`, { cause });
  }
  await app.register(async (scope) => {
    scope.addHook("onRoute", (route) => {
      route.config = { ...route.config, isPage: true };
      route.schema = { ...route.schema, hide: true };
    });
    await scope.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      // Names of assets hold a hash of their content; the page itself is asked for every time.
      cacheControl: false,
      setHeaders: (reply, path) => {
        const isAsset = path.includes("/assets/");
        reply.header("cache-control", isAsset ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  });
}
