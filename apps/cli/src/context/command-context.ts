import type { Catalogue, Presets } from "@shardmill/catalogue";
import type { Console } from "./console.ts";
import type { Settings } from "./settings.ts";

/** What main hands to every command. */
export interface CommandContext {
  readonly settings: Settings;
  readonly console: Console;
  /** What was typed, so that a person can be told to type it again. */
  readonly commandLine: string;
  /** Aborts on the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Aborts on the second: end at once. */
  readonly hardStop: AbortSignal;
  catalogue(): Promise<Catalogue>;
  presets(): Promise<Presets>;
  /** From here on the command goes on when its terminal or its pipe is closed. */
  outliveTerminal(): void;
  /** Ends the process after this long, should anything still keep it alive then: an unreachable Redis, say. */
  endWithin(ms: number): void;
  /** One of `exitCodes`, where the command does not throw. */
  setExitCode(code: number): void;
}

/** Reads the environment and loads what commands share; called by a command once its options are understood. */
export type OpenContext = () => Promise<CommandContext>;
