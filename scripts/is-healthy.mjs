// The container's health check: the API answers, or, in a worker's container, Redis lists this host's worker.
import { hostname } from "node:os";

const isApi = await fetch("http://127.0.0.1:7373/healthz", { signal: AbortSignal.timeout(5_000) }).then(
  (answer) => answer.ok,
  () => false,
);
if (!isApi) {
  const { connectQueue } = await import("@shardmill/queue");
  const queue = await connectQueue({ url: process.env.REDIS_URL ?? "" });
  const isBeating = (await queue.workers()).some((worker) => worker.host === hostname());
  await queue.close();
  process.exitCode = isBeating ? 0 : 1;
}
