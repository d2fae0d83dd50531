import type { ByteRange, ByteSource, StreamedMember, ZipEntry } from "@shardmill/core";
import { planRuns, type Run } from "../bytes/plan-runs.ts";
import { RunReader } from "../bytes/run-reader.ts";
import { defaultGapBytes, type RangeOptions } from "../members/stream-options.ts";
import { type ReadMember, readZipMember } from "./read-zip-member.ts";

/**
 * Streams chosen members of a zip, in archive order, in as few requests as their gaps allow. Memory holds one member and one
 * chunk. A member that does not read well is read once again from the source before it is rejected: bytes can flip on the
 * way, and headers can too.
 */
export async function* streamZipMembers(
  source: ByteSource,
  entries: readonly ZipEntry[],
  options: RangeOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  const runs = planRuns(
    entries.map((entry) => guessedSpan(entry, source)),
    options.gapBytes ?? defaultGapBytes,
  );
  const reader = new RunReader(source, options.onBytes, signal);
  try {
    for (const run of runs)
      for (const { index } of run.spans) {
        const entry = entries[index];
        if (entry === undefined) continue;
        signal.throwIfAborted();
        const next = entries[index + 1]?.localHeaderOffset ?? null;
        yield streamed(entry, await readTwice(source, reader, run, entry, next, options, signal));
      }
  } finally {
    await reader.close();
  }
}

/** The local header's length is known only when it is read: its extra field may be longer than expected here. */
function guessedSpan(entry: ZipEntry, source: ByteSource): ByteRange {
  const start = entry.localHeaderOffset;
  const end = start + 30 + Buffer.byteLength(entry.name) + 128 + entry.compressedBytes;
  return { start, end: Math.min(end, source.sizeBytes) };
}

async function readTwice(
  source: ByteSource,
  reader: RunReader,
  run: Run,
  entry: ZipEntry,
  next: number | null,
  options: RangeOptions,
  signal: AbortSignal,
): Promise<ReadMember> {
  await reader.seek(entry.localHeaderOffset, run);
  const first = await readZipMember(reader, entry, next, options.maxBytes);
  if (first.kind === "bytes" || entry.sizeBytes > options.maxBytes) return first;
  const again = new RunReader(source, options.onBytes, signal);
  try {
    const span = { ...guessedSpan(entry, source), index: 0 };
    await again.seek(span.start, { ...span, spans: [span] });
    return await readZipMember(again, entry, next, options.maxBytes);
  } finally {
    await again.close();
  }
}

function streamed(entry: ZipEntry, read: ReadMember): StreamedMember {
  const { position, name, sizeBytes } = entry;
  if (read.kind === "rejected") return { position, name, kind: "rejected", rejection: read.rejection };
  return { position, name, kind: "member", content: { kind: "file", bytes: read.bytes }, sizeBytes };
}
