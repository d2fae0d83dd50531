/** `node serve-api-alone.js OUT`: the API without a build, for the api bench. Prints its address; ends on SIGTERM. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startApi } from "@shardmill/api";
import { loadCatalogue } from "@shardmill/catalogue";
import { localRateGate, systemClock } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { connectQueue, startEmbeddedRedis } from "@shardmill/queue";
import { pino } from "pino";

const [outRoot = ""] = process.argv.slice(2);
const stopped = once(process, "SIGTERM");
const redis = await startEmbeddedRedis();
const queue = await connectQueue({ url: redis.url });
const api = await startApi({
  catalogue: await loadCatalogue(fileURLToPath(new URL("../../config/datasets", import.meta.url))),
  queue: { queue, url: redis.url, name: queue.address, isPrivate: true, close: () => queue.close() },
  surroundings: {
    outRoot,
    hubEndpoint: "http://127.0.0.1:9",
    hubToken: null,
    gate: localRateGate(systemClock),
    clock: systemClock,
    worker: "bench",
  },
  toolchain: (decoder) => readToolchain(decoder),
  token: null,
  host: "127.0.0.1",
  port: 0,
  dashboardDir: null,
  log: pino({ level: "silent" }),
  version: "bench",
  limits: { readsPerMinute: 1_000_000_000 },
});
console.log(api.url);
await stopped;
await api.close();
await queue.close();
await redis.close();
