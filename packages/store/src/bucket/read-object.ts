import { type ByteRange, Failure, systemClock } from "@shardmill/core";
import { answerError, bucketFailure, isPassing, UnsoundAnswer } from "./bucket-failure.ts";
import type { ObjectRead, Objects } from "./objects.ts";
import type { Patience } from "./patience.ts";

export interface ObjectPlace {
  readonly objects: Objects;
  readonly patience: Patience;
  readonly path: string;
}

const never = new AbortController().signal;

/** The object was replaced between two requests for it. */
class Replaced extends Error {}

/** The bytes in order; where the connection breaks, from there on, as long as it is the same object. */
export async function* objectChunks(
  place: ObjectPlace,
  range: ByteRange | null,
  how: { readonly signal?: AbortSignal | null; readonly etag?: string },
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOfOne(place, range, how);
  } catch (error) {
    if (!(error instanceof Replaced)) throw error;
    throw new Failure("output_io", `${place.path} was replaced while it was read`, {
      where: { path: place.path },
    });
  }
}

/** All of it, of one object, however often it is replaced; null where there is none. */
export async function readObject(place: ObjectPlace): Promise<Uint8Array | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunksOfOne(place, null, {})) parts.push(chunk);
      return Buffer.concat(parts);
    } catch (error) {
      if (error instanceof Missing) return null;
      if (!(error instanceof Replaced) || attempt >= place.patience.attempts) throw error;
    }
  }
}

/** A file that must be there, and is not. */
class Missing extends Failure {
  constructor(path: string) {
    super("output_io", `expected the file ${path}, found none`, { where: { path } });
  }
}

/** How far a read has come, and of which object. */
interface Reading {
  at: number;
  end: number | null;
  etag: string | null;
}

async function* chunksOfOne(
  place: ObjectPlace,
  range: ByteRange | null,
  how: { readonly signal?: AbortSignal | null; readonly etag?: string },
): AsyncGenerator<Uint8Array> {
  const signal = how.signal ?? null;
  const reading: Reading = { at: range?.start ?? 0, end: range?.end ?? null, etag: how.etag ?? null };
  for (let failed = 0; reading.end === null || reading.at < reading.end; ) {
    const began = reading.at;
    const read = await ask(place, reading, signal);
    try {
      for await (const chunk of read.body) {
        signal?.throwIfAborted();
        reading.at += chunk.length;
        yield chunk;
      }
      if (reading.end === null || reading.at < reading.end) throw new UnsoundAnswer();
    } catch (error) {
      signal?.throwIfAborted();
      failed = reading.at > began ? 1 : failed + 1;
      await rest(place, { error, failed }, signal);
    }
  }
}

/** Before the next attempt, where there is to be one. */
async function rest(
  { patience, path }: ObjectPlace,
  { error, failed }: { readonly error: unknown; readonly failed: number },
  signal: AbortSignal | null,
): Promise<void> {
  if (failed >= patience.attempts || !isPassing(answerError(error)))
    throw bucketFailure(error, "reading", path);
  await systemClock.sleep(patience.firstBackoffMs, signal ?? never);
}

/** The rest of the object, which is the same as before; the first answer tells which it is, and how long. */
async function ask(
  { objects, path }: ObjectPlace,
  reading: Reading,
  signal: AbortSignal | null,
): Promise<ObjectRead> {
  // An empty object has no range: a whole one is asked for without.
  const isWhole = reading.at === 0 && reading.end === null;
  const read = await objects.get(path, isWhole ? null : { start: reading.at, end: reading.end }, signal);
  if (read === null) throw new Missing(path);
  // One that was long enough is another one now.
  if (read === "beyond")
    throw reading.etag === null ? short(path, reading.end ?? 0, reading.at) : new Replaced();
  if (reading.etag !== null && read.etag !== reading.etag) throw await left(read, new Replaced());
  reading.etag = read.etag;
  reading.end ??= read.sizeBytes;
  if (reading.end > read.sizeBytes) throw await left(read, short(path, reading.end, read.sizeBytes));
  return read;
}

/** A body that nobody reads keeps its connection. */
async function left(read: ObjectRead, error: Error): Promise<Error> {
  await read.body[Symbol.asyncIterator]().return?.();
  return error;
}

function short(path: string, wanted: number, found: number): Failure {
  return new Failure("output_io", `expected bytes up to ${wanted} in ${path}, found its end at ${found}`, {
    where: { path },
  });
}
