import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  /** Files opened, folders listed, files looked at. */
  readonly opened: number;
  readonly listed: number;
  readonly looked: number;
}

const main = fileURLToPath(new URL("../../apps/cli/bin/shardmill.js", import.meta.url));
const preload = new URL("./tell-usage.js", import.meta.url).href;

/** A command of the command line, from its start to its end, with what it asked of the machine itself. */
export async function usageOf(args: readonly string[]): Promise<Usage> {
  const began = performance.now();
  const child = spawn(process.execPath, ["--import", preload, main, ...args], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const told = child.stdio[3];
  if (told === null || told === undefined || !("readable" in told)) throw new Error("expected a pipe");
  const [usage] = await Promise.all([
    text(told as NodeJS.ReadableStream),
    new Promise<void>((resolve, fail) => {
      child.once("error", fail);
      child.once("exit", (code) => {
        // 1: there is something to tell, such as failures.
        if (code === 0 || code === 1) resolve();
        else fail(new Error(`shardmill ${args.join(" ")} ended with ${code}`));
      });
    }),
  ]);
  return { seconds: (performance.now() - began) / 1000, ...JSON.parse(usage) };
}
