import {
  type ByteRange,
  type ByteSource,
  Failure,
  type FileIdentity,
  type Processes,
  type Source,
  systemClock,
} from "@shardmill/core";
import { CacheEntry } from "./cache-entry.ts";
import { type CacheSettings, CacheSpace } from "./cache-space.ts";

const chunkBytes = 1024 * 1024;

/**
 * A source whose files stay on this disk for later builds. It is filled by what is read, in segments: a read takes what
 * is here and fetches the rest, one segment ahead of its consumer. Any number of processes may share the folder, and no
 * segment is fetched twice. A file that is complete is checked against the listed hash.
 * A file that does not fit beside those in use is read past the cache.
 */
export function openCache(settings: CacheSettings, source: Source, processes: Processes): Source {
  const space = new CacheSpace(settings, settings.clock ?? systemClock, processes);
  return {
    name: source.name,
    revision: source.revision,
    list: (signal) => source.list(signal),
    passedOver: () => source.passedOver?.() ?? [],
    open: (file) => cachedFile(space, file, source),
  };
}

function cachedFile(space: CacheSpace, file: FileIdentity, source: Source): ByteSource {
  const upstream = source.open(file);
  const key = space.keyOf(file, source.name, source.revision);
  return {
    name: upstream.name,
    sizeBytes: upstream.sizeBytes,
    async *read(range, signal) {
      if (range.start < 0 || range.end > file.sizeBytes || range.start >= range.end) {
        yield* upstream.read(range, signal);
        return;
      }
      const release = space.use(key);
      try {
        const hasPlace = await guarded(space.has(key));
        if (hasPlace || (await guarded(space.makeSpace(file.sizeBytes, key, signal)))) {
          yield* readThrough({ space, key, file, upstream }, range, signal);
        } else yield* upstream.read(range, signal);
      } finally {
        release();
      }
    },
  };
}

interface CachedFile {
  readonly space: CacheSpace;
  readonly key: string;
  readonly file: FileIdentity;
  readonly upstream: ByteSource;
}

async function* readThrough(
  { space, key, file, upstream }: CachedFile,
  range: ByteRange,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const entry = await guarded(CacheEntry.open(space, key, file, signal));
  // Our own end aborts the segment that is fetched ahead, and is then waited for.
  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const fetchSegment = (segment: number): Promise<void> => {
    const work = guarded(entry.ensure(segment, upstream, stop.signal));
    work.catch(() => undefined);
    return work;
  };
  const last = Math.floor((range.end - 1) / space.segmentBytes);
  let ahead: Promise<void> = Promise.resolve();
  try {
    for (let at = range.start; at < range.end; ) {
      const segment = Math.floor(at / space.segmentBytes);
      await (at === range.start ? fetchSegment(segment) : ahead);
      if (segment < last) ahead = fetchSegment(segment + 1);
      const segmentEnd = Math.min(range.end, (segment + 1) * space.segmentBytes);
      while (at < segmentEnd) {
        signal.throwIfAborted();
        const chunk = await guarded(entry.read(at, Math.min(at + chunkBytes, segmentEnd)));
        at += chunk.length;
        yield chunk;
      }
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    stop.abort();
    await ahead.catch(() => undefined);
    await entry.close();
  }
}

/** The disk's own errors, as Failures; the message of the system holds a local path and is not passed on. */
async function guarded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Error && "syscall" in error && "code" in error ? error.code : null;
    if (code === null) throw error;
    if (code === "ENOSPC" || code === "EDQUOT") throw new Failure("output_full", "the cache's disk is full");
    throw new Failure("output_io", `the cache's folder cannot be read or written (${String(code)})`);
  }
}
