import { createRequire } from "node:module";
import { CommanderError } from "commander";

/** Of this package; all packages of Shardmill carry the same. */
export const version: string = createRequire(import.meta.url)("../package.json").version;

/** `--version` was met: the rest of the line is not looked at. */
export class VersionsAsked extends CommanderError {
  constructor() {
    super(0, "shardmill.version", "");
  }
}

/** Shardmill's version alone on the first line, which scripts read; below it Node and the libraries that pixels depend on. */
export async function versionLines(): Promise<string[]> {
  const { libraryVersions } = await import("@shardmill/media");
  return [version, `node ${process.versions.node}`, ...libraryVersions()];
}
