import { Failure, type FileIdentity } from "@shardmill/core";
import { type FileOutcome, failed } from "./outcome.ts";
import { pathProblem } from "./place-of.ts";

/** A repository's listing, as a `get` takes it. */
export interface ModelListing {
  readonly wanted: readonly FileIdentity[];
  /** What the choice of files leaves out. */
  readonly leftOut: readonly FileIdentity[];
  /** What nothing is written for, whatever is chosen. */
  readonly refused: readonly FileOutcome[];
}

export function chooseFiles(
  listed: readonly FileIdentity[],
  isWanted: (path: string) => boolean,
  source: string,
): ModelListing {
  const wanted: FileIdentity[] = [];
  const leftOut: FileIdentity[] = [];
  const refused: FileOutcome[] = [];
  const seen = new Set<string>();
  for (const file of listed) {
    const problem = seen.has(file.path) ? "the name is listed twice" : pathProblem(file.path);
    seen.add(file.path);
    if (problem !== null)
      refused.push(
        failed(file, { code: "unsafe_name", message: problem }, { fetchedBytes: 0, keptBytes: 0 }),
      );
    else (isWanted(file.path) ? wanted : leftOut).push(file);
  }
  if (listed.length === 0) throw new Failure("source_not_found", `${source} has no files`);
  if (wanted.length + refused.length === 0)
    throw new Failure(
      "wrong_use",
      `none of the ${listed.length} files of ${source} is wanted; --all takes them`,
    );
  return { wanted, leftOut, refused };
}
