import { existsSync } from "node:fs";
import type { CommandContext } from "./command-context.ts";
import { openConsole } from "./console.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { StopSignals } from "./stop-signals.ts";

/** What a command works with, from the process's environment and streams. */
export function openContext(
  process: NodeJS.Process,
  stop: StopSignals,
  setExitCode: (code: number) => void,
): CommandContext {
  const settings = readSettings(process.env, process.stdout.isTTY === true);
  return {
    settings,
    console: openConsole(settings, process),
    signal: stop.signal,
    hardStop: stop.hard,
    async catalogue() {
      const { loadCatalogue } = await import("@shardmill/catalogue");
      return loadCatalogue(catalogueFolders(settings));
    },
    setExitCode,
  };
}

function catalogueFolders({ catalogueFolders: shipped, userCatalogue }: Settings): string[] {
  return existsSync(userCatalogue) ? [...shipped, userCatalogue] : [...shipped];
}
