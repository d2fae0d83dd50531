#!/usr/bin/env node
import { existsSync } from "node:fs";
import { loadCatalogue } from "@shardmill/catalogue";
import { Failure } from "@shardmill/core";
import { CommanderError } from "commander";
import type { CommandContext } from "./command-context.ts";
import { type Console, openConsole } from "./console.ts";
import { exitCodeOf } from "./exit-code.ts";
import { buildProgram } from "./program.ts";
import { readSettings, type Settings } from "./settings.ts";
import { listenForStop, Stopped } from "./stop-signals.ts";

/** A pipe that closes early (`shardmill failures | head`) is no error. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const stop = listenForStop(process);

async function main(): Promise<number> {
  let exitCode = 0;
  let console: Console | null = null;
  try {
    const settings = readSettings(process.env, process.stdout.isTTY === true);
    console = openConsole(settings, process);
    const context: CommandContext = {
      settings,
      console,
      signal: stop.signal,
      hardStop: stop.hard,
      catalogue: () => loadCatalogue(catalogueFolders(settings)),
      setExitCode: (code) => {
        exitCode = code;
      },
    };
    await buildProgram(context).parseAsync(process.argv);
    return exitCode;
  } catch (error) {
    return report(error);
  }
}

function catalogueFolders({ catalogueFolders: shipped, userCatalogue }: Settings): string[] {
  return existsSync(userCatalogue) ? [...shipped, userCatalogue] : [...shipped];
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (stop.signal.aborted && stop.signal.reason instanceof Stopped) return stop.signal.reason.exitCode;
  if (error instanceof Failure) {
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
