import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Service {
  readonly url: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** `shardmill serve` with its own worker, as a user runs it. */
export function startService(options: { out: string; source: string; workers: number }): Promise<Service> {
  const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));
  const folder = `openvid-1m=${options.source}`;
  const workers = ["--workers", String(options.workers)];
  return start([main, "serve", "--out", options.out, "--port", "0", "--source-folder", folder, ...workers]);
}

/** The API over an output folder, without a limit of requests, in a process of its own. */
export function startApiAlone(out: string): Promise<Service> {
  return start([fileURLToPath(new URL("./serve-api-alone.js", import.meta.url)), out]);
}

async function start(args: readonly string[]): Promise<Service> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH, HOME, TMPDIR },
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await firstUrl(child);
  return {
    url,
    pid: child.pid ?? 0,
    async close() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function firstUrl(child: ChildProcess): Promise<string> {
  if (child.stdout !== null) {
    for await (const line of createInterface({ input: child.stdout })) {
      const [url] = /http:\/\/\S+/.exec(line) ?? [];
      if (url !== undefined) return url;
    }
  }
  throw new Error("the service did not start");
}
