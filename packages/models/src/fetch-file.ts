import { join } from "node:path";
import { Failure, type FileIdentity } from "@shardmill/core";
import { makeSyncedFolder, outputFailure, syncFolder } from "@shardmill/store";
import { checkOf, type FetchJob, reread } from "./fetch-job.ts";
import { fillPartial, type Partial } from "./fill-partial.ts";
import { type FileOutcome, failed } from "./outcome.ts";
import { partialName } from "./own-names.ts";
import { factsOf, placeOf } from "./place-of.ts";

/**
 * One file, whole or not there: it grows under a name of its own, is checked against the listed hash, brought to the disk
 * and then renamed. What an attempt leaves is checked with the rest by the next one. A failure of this file alone is an
 * outcome; one that every further file would meet is thrown, and so is an abort.
 */
export async function fetchFile(
  job: FetchJob,
  file: FileIdentity,
  signal: AbortSignal,
): Promise<FileOutcome> {
  // Made here so that a failure can tell what is left of it.
  const begun: { partial: Partial | null } = { partial: null };
  try {
    return await placed(job, file, begun, signal);
  } catch (error) {
    const failure = outputFailure(error, "writing", file.path);
    if (!(failure instanceof Failure) || isEverybodys(failure)) throw failure;
    return failed(file, failure, {
      fetchedBytes: begun.partial?.fetchedBytes ?? 0,
      keptBytes: begun.partial === null ? 0 : await keptOf(job, begun.partial, failure),
    });
  }
}

function isEverybodys({ code }: Failure): boolean {
  return code === "output_full" || code === "source_gated" || code === "source_unauthorized";
}

async function placed(
  job: FetchJob,
  file: FileIdentity,
  begun: { partial: Partial | null },
  signal: AbortSignal,
): Promise<FileOutcome> {
  const { fs } = job;
  const place = await placeOf(fs, job.dir, file.path);
  const facts = await factsOf(fs, place.path);
  if (facts !== null && !facts.isFile)
    throw new Failure("output_unwritable", "a link or a folder lies under its name, and stays");
  const outcome = { path: file.path, sizeBytes: file.sizeBytes, keptBytes: 0, problem: null };
  if (facts?.sizeBytes === file.sizeBytes && (await hasContent(job, place.path, file, signal)))
    return { ...outcome, state: "there", fetchedBytes: 0, replaced: false };
  await makeSyncedFolder(fs, place.folder);
  const partial = { file, path: join(place.folder, partialName(place.name, file)), fetchedBytes: 0 };
  begun.partial = partial;
  const resumedFrom = await fillPartial(job, partial, signal);
  signal.throwIfAborted();
  await fs.rename(partial.path, place.path);
  await syncFolder(fs, place.folder);
  return {
    ...outcome,
    state: resumedFrom > 0 ? "resumed" : "downloaded",
    fetchedBytes: partial.fetchedBytes,
    replaced: facts !== null,
  };
}

async function hasContent(
  job: FetchJob,
  path: string,
  file: FileIdentity,
  signal: AbortSignal,
): Promise<boolean> {
  const check = checkOf(file);
  await reread(job, { path, sizeBytes: file.sizeBytes, file, check }, signal);
  return check.isGood();
}

/** Bytes that stay for the next attempt. Of what is not as listed, none do, nor of a file that is gone. */
async function keptOf({ fs }: FetchJob, { path }: Partial, { code }: Failure): Promise<number> {
  const facts = await factsOf(fs, path);
  if (facts === null) return 0;
  if (!["source_invalid", "source_changed", "source_not_found"].includes(code)) return facts.sizeBytes;
  await fs.unlink(path);
  return 0;
}
