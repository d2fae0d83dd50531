import { access, constants, lstat, mkdir } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { Failure } from "@shardmill/core";
import { outputFailure, systemCode } from "../output-failure.ts";

/**
 * Where shards lie until they are sent: the folder that SHARDMILL_SCRATCH names, which `--scratch` sets, else one of the
 * user's own among the temporary files.
 */
export async function scratchFolder(environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const { SHARDMILL_SCRATCH: named = "" } = environment;
  return named === "" ? ownFolder(join(tmpdir(), `shardmill-${process.getuid?.() ?? "scratch"}`)) : named;
}

/**
 * Where the queue of a build can be reached: no matter which scratch folder it has, the commands of its user find it. Whoever
 * has no home, or none to write into, has the scratch folder.
 */
export async function deskFolder(
  scratch: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const { XDG_STATE_HOME: state = "" } = environment;
  try {
    const folder = join(isAbsolute(state) ? state : join(homedir(), ".local", "state"), "shardmill");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    return folder;
  } catch (error) {
    // Also of homedir, where neither HOME nor the user's entry tells.
    if (systemCode(error) === null) throw error;
    return scratch;
  }
}

/** Anybody may make a folder of this name among the temporary files: one that others can write into is not taken. */
async function ownFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if (systemCode(error) !== "EEXIST") throw error;
    });
    const found = await lstat(folder);
    const isOwn = process.getuid === undefined || found.uid === process.getuid();
    if (found.isDirectory() && isOwn && (found.mode & 0o022) === 0) return folder;
  } catch (error) {
    throw outputFailure(error, "making", folder);
  }
  throw new Failure(
    "output_unwritable",
    `${folder} is not a folder that you alone can write into: name another one with SHARDMILL_SCRATCH, or --scratch DIR where a command takes it`,
    { where: { path: folder }, retry: "never" },
  );
}
