import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Ended, shardmill } from "./shardmill.ts";

/** Appends a process's own peak, in KiB as the kernel counts it, to a file when it ends. */
const atExit = `process.on("exit", () => {
  require("node:fs").appendFileSync(process.env.PEAK_FILE, process.resourceUsage().maxRSS + "\\n");
});
`;

/** Runs a command and tells the most memory that it (or a Node process that it started) held, in bytes. */
export async function peakOf(
  scratch: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly ended: Ended; readonly bytes: number }> {
  const hook = join(scratch, "peak.cjs");
  const file = join(scratch, "peaks.txt");
  await writeFile(hook, atExit);
  await writeFile(file, "");
  const ended = await shardmill(args, { ...environment, NODE_OPTIONS: `--require=${hook}`, PEAK_FILE: file });
  const peaks = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  if (peaks.length === 0) throw new Error(`no process told its peak: ${ended.stderr}`);
  return { ended, bytes: 1024 * Math.max(...peaks.map(Number)) };
}
