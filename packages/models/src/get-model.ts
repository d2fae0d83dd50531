import { type Clock, Failure, type FileIdentity, naturalOrder, type Source } from "@shardmill/core";
import {
  type FileSystem,
  localFileSystem,
  makeSyncedFolder,
  outputFailure,
  processes,
} from "@shardmill/store";
import { chooseFiles, type ModelListing } from "./choose-files.ts";
import { claimFolder } from "./claim-folder.ts";
import { fetchFile } from "./fetch-file.ts";
import type { FetchJob } from "./fetch-job.ts";
import type { FileOutcome } from "./outcome.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
import { requireSpace } from "./require-space.ts";

export interface GetOptions {
  /** Absolute. Nothing is written outside it. */
  readonly dir: string;
  readonly isWanted: (path: string) => boolean;
  readonly clock: Clock;
  readonly fs?: FileSystem;
  /** Files read at once; default 4. */
  readonly atOnce?: number;
  readonly onListed?: (listing: ModelListing) => void;
  readonly onBytes?: FetchJob["onBytes"];
  readonly onFile?: (outcome: FileOutcome) => void;
  /** Another `get` is at work in the folder and is waited for. */
  readonly onWait?: () => void;
}

export interface GetResult {
  /** By name, with those that failed. */
  readonly files: readonly FileOutcome[];
  readonly leftOut: readonly FileIdentity[];
}

/**
 * The files of a model in a folder, each whole or not there. A Failure is thrown where nothing can be fetched at all, or no
 * more of it; whatever is whole then stays, and the same call goes on from what else there is.
 */
export async function getModel(source: Source, options: GetOptions, signal: AbortSignal): Promise<GetResult> {
  const listed: FileIdentity[] = [];
  for await (const file of source.list(signal)) listed.push(file);
  const listing = chooseFiles(listed, options.isWanted, source.name);
  options.onListed?.(listing);
  for (const outcome of listing.refused) options.onFile?.(outcome);
  const { dir, clock, fs = localFileSystem, onBytes = () => undefined, onWait = () => undefined } = options;
  await makeSyncedFolder(fs, dir).catch((error: unknown) => {
    throw outputFailure(error, "making", "");
  });
  const release = await claimFolder(dir, { clock, processes, onWait }, signal);
  try {
    await requireSpace(fs, dir, listing.wanted);
    const outcomes = await fetchAll({ source, fs, dir, onBytes }, listing.wanted, options, signal);
    await removeLeftovers(fs, dir, outcomes);
    const files = [...listing.refused, ...outcomes].sort((a, b) => naturalOrder(a.path, b.path));
    return { files, leftOut: listing.leftOut };
  } finally {
    await release();
  }
}

async function fetchAll(
  job: FetchJob,
  wanted: readonly FileIdentity[],
  { atOnce = 4, onFile }: GetOptions,
  signal: AbortSignal,
): Promise<FileOutcome[]> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const outcomes: FileOutcome[] = [];
  // All take from one queue.
  const queue = wanted.values();
  const takeFiles = async (): Promise<void> => {
    for (const file of queue) {
      both.throwIfAborted();
      const outcome = await fetchFile(job, file, both);
      outcomes.push(outcome);
      onFile?.(outcome);
    }
  };
  const takers = Array.from({ length: atOnce }, () =>
    takeFiles().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  // The others close their files before the first of the errors is told.
  await Promise.allSettled(takers);
  signal.throwIfAborted();
  if (stop.signal.aborted) throw told(stop.signal.reason);
  return outcomes;
}

/** A full disk is told with what helps here: nothing goes on by itself when the command has ended. */
function told(reason: unknown): unknown {
  if (!(reason instanceof Failure) || reason.code !== "output_full") return reason;
  const { message, where } = reason;
  return new Failure("output_full", `${message}; when there is space, the same command goes on`, {
    where,
    cause: reason,
  });
}
