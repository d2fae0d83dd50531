#!/usr/bin/env node
import { CommanderError } from "commander";
import type { CommandContext } from "./command-context.ts";
import { buildProgram } from "./program.ts";
import { listenForStop, Stopped } from "./stop-signals.ts";

/** A pipe that closes early (`shardmill failures | head`) is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const stop = listenForStop(process);
let exitCode = 0;
const lingersMs = 5_000;

async function open(): Promise<CommandContext> {
  const { openContext } = await import("./open-context.ts");
  return openContext(process, stop, (code) => {
    exitCode = code;
  });
}

async function main(): Promise<number> {
  try {
    await buildProgram(open).parseAsync(process.argv);
    return exitCode;
  } catch (error) {
    // Something it had opened may still be open; a command that has failed does not live on for its sake.
    setTimeout(() => process.exit(), lingersMs).unref();
    return report(error);
  }
}

async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (stop.signal.aborted && stop.signal.reason instanceof Stopped) return stop.signal.reason.exitCode;
  // Whoever threw a Failure has loaded core; a wrong option has not.
  const { Failure } = await import("@shardmill/core");
  if (error instanceof Failure) {
    const { exitCodeOf } = await import("./exit-code.ts");
    process.stderr.write(`shardmill: ${error.code === "wrong_use" ? error.message : error.oneLine()}\n`);
    return exitCodeOf(error);
  }
  process.stderr.write(
    `shardmill: this is a bug in Shardmill; please report it.\n${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 3;
}

process.exitCode = await main();
stop.release();
