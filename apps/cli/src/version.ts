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

/**
 * Shardmill's version alone on the first line, which scripts read; below it Node and the libraries that pixels depend on.
 * A decoder that cannot be loaded is said as such: this must answer on a machine where nothing else does.
 */
export async function versionLines(): Promise<string[]> {
  const { readToolchain } = await import("@shardmill/media");
  const { Failure } = await import("@shardmill/core");
  const own = [version, `node ${process.versions.node}`];
  try {
    const { decoder, sharp, libvips } = await readToolchain("libav", { shardmill: version });
    return [...own, decoder, `sharp ${sharp}`, `libvips ${libvips}`];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [...own, `libav cannot be loaded here: ${error.message} ("shardmill doctor" says more)`];
  }
}
