import { CommanderError } from "commander";
import type { CommandContext } from "./context/command-context.ts";
import { listenForStop, Stopped } from "./process/stop-signals.ts";
import { watchOutput } from "./process/watch-output.ts";
import { buildProgram } from "./program.ts";
import { safeLines, safeText } from "./text/clean-text.ts";
import { systemLine } from "./text/system-line.ts";
import { VersionsAsked, versionLines } from "./version.ts";

const stop = listenForStop(process);
watchOutput(process, stop);
// Nobody waited for what failed there; it is told as what a command ends with, and nothing is known to be sound any more.
for (const event of ["uncaughtException", "unhandledRejection"])
  process.on(event, (error: unknown) => void report(error).then((code) => process.exit(code)));
let exitCode = 0;
const lingersMs = 5_000;
const longestLine = 4_000;

async function open(): Promise<CommandContext> {
  const { openContext } = await import("./context/open-context.ts");
  return openContext(process, stop, (code) => {
    exitCode = code;
  });
}

async function main(): Promise<number> {
  try {
    await buildProgram(open).parseAsync(process.argv);
    return exitCode;
  } catch (error) {
    if (error instanceof VersionsAsked) return printVersions();
    const code = await report(error);
    // Something it had opened may still be open; a command that has failed does not live on for its sake. Not before it has said so.
    setTimeout(() => process.exit(code), lingersMs).unref();
    return code;
  }
}

async function printVersions(): Promise<number> {
  for (const line of await versionLines()) process.stdout.write(`${safeText(line, longestLine)}\n`);
  return 0;
}

async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (stop.signal.aborted && stop.signal.reason instanceof Stopped) return stop.signal.reason.exitCode;
  // Whoever threw a Failure has loaded core; a wrong option has not.
  const { Failure } = await import("@shardmill/core");
  if (error instanceof Failure) {
    const { exitCodeOf } = await import("./process/exit-code.ts");
    const line = error.code === "wrong_use" ? error.message : error.oneLine();
    process.stderr.write(`shardmill: ${safeText(line, longestLine)}\n`);
    return exitCodeOf(error);
  }
  const system = systemLine(error);
  if (system !== null) {
    process.stderr.write(`shardmill: ${safeText(system, longestLine)}\n`);
    return 3;
  }
  const { bugReport } = await import("./text/bug-report.ts");
  process.stderr.write(`shardmill: ${safeLines(bugReport(error, process.argv.slice(2)))}\n`);
  return 3;
}

process.exitCode = await main();
stop.release();
