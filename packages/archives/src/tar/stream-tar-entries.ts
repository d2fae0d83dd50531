import { constants } from "node:buffer";
import { type ByteSource, reject, type StreamedMember, type TarEntry } from "@shardmill/core";
import { planRuns } from "../bytes/plan-runs.ts";
import { RunReader } from "../bytes/run-reader.ts";
import { defaultGapBytes, type RangeOptions } from "../members/stream-options.ts";

/** Streams chosen members of a plain tar that was indexed, in archive order, in as few requests as their gaps allow. */
export async function* streamTarEntries(
  source: ByteSource,
  entries: readonly TarEntry[],
  options: RangeOptions,
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  const ranges = entries.map(({ dataOffset, sizeBytes }) => ({
    start: dataOffset,
    end: dataOffset + sizeBytes,
  }));
  const reader = new RunReader(source, options.onBytes, signal);
  try {
    for (const run of planRuns(ranges, options.gapBytes ?? defaultGapBytes))
      for (const { index } of run.spans) {
        const entry = entries[index];
        if (entry === undefined) continue;
        signal.throwIfAborted();
        if (entry.sizeBytes <= Math.min(options.maxBytes, constants.MAX_LENGTH))
          await reader.seek(entry.dataOffset, run);
        yield await memberOf(reader, entry, options);
      }
  } finally {
    await reader.close();
  }
}

async function memberOf(
  reader: RunReader,
  entry: TarEntry,
  { maxBytes, room = Buffer.allocUnsafeSlow }: RangeOptions,
): Promise<StreamedMember> {
  const { position, name, sizeBytes } = entry;
  if (sizeBytes > Math.min(maxBytes, constants.MAX_LENGTH)) {
    const rejection = reject("bomb_suspected", `${sizeBytes} bytes, above limits.maxBytes = ${maxBytes}`);
    return { position, name, kind: "rejected", rejection };
  }
  const bytes = room(sizeBytes);
  const found = await reader.fill(bytes);
  if (found < sizeBytes) {
    const rejection = reject("member_truncated", `expected ${sizeBytes} bytes, found ${found}`);
    return { position, name, kind: "rejected", rejection };
  }
  return { position, name, kind: "member", content: { kind: "file", bytes }, sizeBytes };
}
