import { Failure, type FileIdentity } from "@shardmill/core";
import type { FileSystem } from "@shardmill/store";
import { checkOf, type FetchJob, reread } from "./fetch-job.ts";
import { factsOf } from "./place-of.ts";

/** An unfinished file, and how much has been read from the source for it. */
export interface Partial {
  readonly file: FileIdentity;
  readonly path: string;
  fetchedBytes: number;
}

/**
 * Brings all bytes into the partial file and onto the disk, checked; returns how many of them lay there before. Where those
 * have spoiled it (a machine that lost its power, say), it is begun anew, once.
 */
export async function fillPartial(job: FetchJob, partial: Partial, signal: AbortSignal): Promise<number> {
  const first = await fill(job, partial, signal);
  if (first.isGood) return first.from;
  await job.fs.unlink(partial.path);
  const second = first.from === 0 ? first : await fill(job, partial, signal);
  if (second.isGood) return second.from;
  throw new Failure("source_invalid", "the bytes that came do not have the listed hash");
}

async function fill(
  job: FetchJob,
  partial: Partial,
  signal: AbortSignal,
): Promise<{ from: number; isGood: boolean }> {
  const { file, path } = partial;
  const check = checkOf(file);
  const from = await usableBytes(job.fs, path, file);
  if (from > 0) await reread(job, { path, sizeBytes: from, file, check }, signal);
  const out = await job.fs.open(path, "append", 0o666);
  let at = from;
  try {
    job.onBytes(file, "fetching", at);
    for await (const chunk of job.source.open(file).read({ start: from, end: file.sizeBytes }, signal)) {
      await out.write(chunk);
      check.update(chunk);
      at += chunk.length;
      partial.fetchedBytes += chunk.length;
      job.onBytes(file, "fetching", at);
    }
    await out.sync();
  } finally {
    await out.close();
    // A file that nothing has come of says nothing to the next attempt.
    if (at < Math.min(1, file.sizeBytes)) await job.fs.unlink(path);
  }
  return { from, isGood: check.isGood() };
}

/** What an earlier attempt left of this very content; anything that cannot be its beginning is taken away. */
async function usableBytes(fs: FileSystem, path: string, file: FileIdentity): Promise<number> {
  const facts = await factsOf(fs, path);
  if (facts === null) return 0;
  if (facts.isFile && facts.sizeBytes <= file.sizeBytes) return facts.sizeBytes;
  await fs.unlink(path);
  return 0;
}
