import { join } from "node:path";
import { nameProblem } from "@shardmill/archives";
import { Failure } from "@shardmill/core";
import { type FileFacts, type FileSystem, systemCode } from "@shardmill/store";
import { isOwnName } from "./own-names.ts";

/** Where a file of a repository belongs on this machine. */
export interface Place {
  readonly folder: string;
  readonly name: string;
  readonly path: string;
}

/** Why nothing is written under a repository's name, or null. Whoever makes a repository names its files. */
export function pathProblem(path: string): string | null {
  const problem = nameProblem(path);
  if (problem !== null) return problem;
  if (/\p{Cs}/u.test(path)) return "the name holds half a sign";
  const words = path.split("/");
  if (words.includes("") || words.includes(".")) return "the name has a folder without a name";
  if (isOwnName(words.at(-1) ?? "")) return "the name is kept for unfinished files";
  return null;
}

/** Below the folder and nowhere else: a link on the way is not followed, nor is one written over. */
export async function placeOf(fs: FileSystem, dir: string, path: string): Promise<Place> {
  const words = path.split("/");
  const name = words.pop() ?? "";
  let folder = dir;
  for (const [at, word] of words.entries()) {
    folder = join(folder, word);
    const facts = await factsOf(fs, folder);
    if (facts === null || facts.isFolder) continue;
    const what = words.slice(0, at + 1).join("/");
    throw new Failure("output_unwritable", `${what} is a link or a file where a folder belongs`, {
      where: { path },
    });
  }
  return { folder, name, path: join(folder, name) };
}

/** Of the name itself, whatever it may link to; null where there is none. */
export async function factsOf(fs: FileSystem, path: string): Promise<FileFacts | null> {
  try {
    return await fs.stat(path);
  } catch (error) {
    // A parent that is no folder is told by whoever wants to make it one.
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return null;
    throw error;
  }
}
