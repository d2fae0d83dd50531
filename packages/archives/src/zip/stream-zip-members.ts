import type { ByteRange, ByteSource, StreamedMember, ZipEntry } from "@shardmill/core";
import { planRuns } from "../bytes/plan-runs.ts";
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
        await reader.seek(entry.localHeaderOffset, run);
        const first = await readZipMember(reader, entry, next, options);
        const isSure = first.kind === "bytes" || entry.sizeBytes > options.maxBytes;
        const read = isSure ? first : await readAlone(source, { entry, next }, options, signal);
        yield streamed(entry, read);
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

/** A member once more, by a request of its own. */
async function readAlone(
  source: ByteSource,
  { entry, next }: { readonly entry: ZipEntry; readonly next: number | null },
  options: RangeOptions,
  signal: AbortSignal,
): Promise<ReadMember> {
  const reader = new RunReader(source, options.onBytes, signal);
  try {
    const span = { ...guessedSpan(entry, source), index: 0 };
    await reader.seek(span.start, { ...span, spans: [span] });
    return await readZipMember(reader, entry, next, options);
  } finally {
    await reader.close();
  }
}

function streamed(entry: ZipEntry, read: ReadMember): StreamedMember {
  const { position, name, sizeBytes } = entry;
  if (read.kind === "rejected") return { position, name, kind: "rejected", rejection: read.rejection };
  return { position, name, kind: "member", content: { kind: "file", bytes: read.bytes }, sizeBytes };
}
