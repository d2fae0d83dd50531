import { type ByteRange, Failure, systemClock } from "@shardmill/core";
import { MissingFile } from "../output-failure.ts";
import type { FileRead } from "../store.ts";
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
    const reading = { at: range?.start ?? 0, end: range?.end ?? null, etag: how.etag ?? null, known: null };
    yield* chunksOfOne(place, reading, how.signal ?? null);
  } catch (error) {
    if (!(error instanceof Replaced)) throw error;
    throw new Failure("output_io", `${place.path} was replaced while it was read`, {
      where: { path: place.path },
    });
  }
}

/** All of it, of one object, however often it is replaced; null where there is none. `known`: the tag of one that is not wanted. */
export async function readObject(
  place: ObjectPlace,
  known: string | null = null,
): Promise<FileRead | "same" | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const parts: Uint8Array[] = [];
      const reading: Reading = { at: 0, end: null, etag: null, known };
      for await (const chunk of chunksOfOne(place, reading, null)) parts.push(chunk);
      return { bytes: Buffer.concat(parts), stamp: stampOf(reading.etag ?? "") };
    } catch (error) {
      if (error instanceof MissingFile) return null;
      if (error instanceof Known) return "same";
      if (!(error instanceof Replaced) || attempt >= place.patience.attempts) throw error;
    }
  }
}

/** Some answers have the tag of an object in quotes, others without; a proxy may call it weak. */
export function stampOf(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}

/** It is the one that is known. */
class Known extends Error {}

/** How far a read has come, and of which object. */
interface Reading {
  at: number;
  end: number | null;
  etag: string | null;
  /** The tag of one that need not be read. */
  readonly known: string | null;
}

async function* chunksOfOne(
  place: ObjectPlace,
  reading: Reading,
  signal: AbortSignal | null,
): AsyncGenerator<Uint8Array> {
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
  const unless = isWhole ? reading.known : null;
  const range = isWhole ? null : { start: reading.at, end: reading.end };
  const read = await objects.get(path, { range, unless }, signal);
  if (read === null) throw new MissingFile(path);
  if (read === "same") throw new Known();
  // A store may pass over the condition.
  if (read !== "beyond" && unless !== null && stampOf(read.etag) === unless)
    throw await left(read, new Known());
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
