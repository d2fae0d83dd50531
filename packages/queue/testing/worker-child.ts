import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { QueueSettings } from "../src/queue-settings.ts";
import { until } from "./until.ts";

export interface WorkerChild {
  readonly child: ChildProcess;
  /** `kind range attempt` of each event. */
  readonly told: string[];
  readonly ended: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export async function startWorkerChild(
  url: string,
  settings: Partial<QueueSettings>,
  behaviour: "hold" | "work",
): Promise<WorkerChild> {
  const main = fileURLToPath(new URL("worker-child.mjs", import.meta.url));
  const child = spawn(process.execPath, [main, url, JSON.stringify(settings), behaviour], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { kind, range, attempt } = JSON.parse(line);
    told.push([kind, range, attempt].filter((field) => field !== null).join(" "));
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await until("the child is ready", () => told.includes("ready"));
  return { child, told, ended, kill: (signal) => child.kill(signal) };
}
