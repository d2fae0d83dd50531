import { createWriteStream, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Failure } from "@shardmill/core";
import { outputFailure } from "@shardmill/store";

/**
 * Refuses a place for a result that is no file: it is made under another name and takes this one when it is whole, which
 * would remove a device.
 */
export function checkResultFile(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && !there.isFile())
    throw new Failure("wrong_use", `${path} is ${there.isDirectory() ? "a folder" : "no file"}; name a file`);
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  if (folder !== undefined && !folder.isDirectory())
    throw new Failure("wrong_use", `${dirname(path)} is no folder`);
}

/** Writes lines; the file is there when it is whole, or not at all. Returns how many there were. */
export async function writeResultFile(
  path: string,
  lines: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<number> {
  checkResultFile(path);
  const partial = `${path}.partial`;
  let count = 0;
  async function* counted(): AsyncGenerator<string> {
    for await (const line of lines) {
      count += 1;
      yield `${line}\n`;
    }
  }
  try {
    await pipeline(Readable.from(counted()), createWriteStream(partial), { signal });
    await rename(partial, path);
    return count;
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw outputFailure(error, "writing", path);
  }
}
