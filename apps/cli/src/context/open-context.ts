import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Dataset } from "@shardmill/core";
import { Stopped, type StopSignals } from "../process/stop-signals.ts";
import { shellCommand } from "../text/shell-command.ts";
import type { CommandContext } from "./command-context.ts";
import { openConsole } from "./console.ts";
import { type EnvironmentSettings, readSettings, type Settings } from "./settings.ts";

/** What a command works with, from the process's environment and streams. */
export async function openContext(
  process: NodeJS.Process,
  stop: StopSignals,
  setExitCode: (code: number) => void,
): Promise<CommandContext> {
  const settings = await withConfig(readSettings(process.env, process.stdout.isTTY === true), process.env);
  return {
    settings,
    console: openConsole(settings, process),
    commandLine: shellCommand("shardmill", ...process.argv.slice(2)),
    signal: stop.signal,
    hardStop: stop.hard,
    outliveTerminal: () => stop.outliveTerminal(),
    async catalogue() {
      const { loadCatalogue, withOwnTerms } = await import("@shardmill/catalogue");
      const shipped = await loadCatalogue(catalogueFolders(settings));
      const own = (dataset: Dataset) => withOwnTerms(dataset, settings.terms);
      return { ...shipped, get: (name) => own(shipped.get(name)), list: () => shipped.list().map(own) };
    },
    async presets() {
      const { loadPresets } = await import("@shardmill/catalogue");
      return loadPresets(settings.presetFolders);
    },
    endWithin: (ms) => void setTimeout(() => process.exit(exitCodeOf(stop.signal)), ms).unref(),
    setExitCode,
  };
}

function exitCodeOf({ reason }: AbortSignal): number {
  return reason instanceof Stopped ? reason.exitCode : 0;
}

/** The config file is optional, and so is what reads it. */
async function withConfig(settings: EnvironmentSettings, environment: NodeJS.ProcessEnv): Promise<Settings> {
  const { configFile } = settings;
  if (!existsSync(configFile))
    return Object.freeze({ ...settings, roots: {}, terms: {}, notify: { hosts: [] } });
  const { parseConfig } = await import("@shardmill/catalogue");
  const config = parseConfig(readFileSync(configFile, "utf8"), dirname(configFile), environment);
  return Object.freeze({ ...settings, ...config });
}

function catalogueFolders({ catalogueFolders: shipped, userCatalogue }: Settings): string[] {
  return existsSync(userCatalogue) ? [...shipped, userCatalogue] : [...shipped];
}
