import { createHash } from "node:crypto";
import { type ByteSource, Failure, reject, type TarEntry } from "@shardmill/core";
import { RangeWindow } from "./range-window.ts";
import { readTarHead, type TarHead, truncated } from "./read-tar-head.ts";
import type { LeftOut } from "./stream-options.ts";

export interface TarIndex {
  /** Members that can be read, in archive order. */
  readonly entries: TarEntry[];
  readonly leftOut: LeftOut[];
  /** Entries that are no folders: those above together. */
  readonly memberCount: number;
  /** sha256 of all header blocks and extension headers, in order. */
  readonly directoryHash: string;
  /** Why the index ends before the tar's end marker, when it does: the entries found so far are whole. */
  readonly failure: Failure | null;
}

/**
 * Lists a plain tar on a source that can be read by range, hopping from header to header. A window of 64 KiB is read at
 * a time, so small members cost no request each, and large ones are not read.
 */
export async function indexTar(
  source: ByteSource,
  signal: AbortSignal,
  options: { readonly maxBytes?: number | undefined } = {},
): Promise<TarIndex> {
  const hash = createHash("sha256");
  const window = new RangeWindow(source, signal);
  const entries: TarEntry[] = [];
  const leftOut: LeftOut[] = [];
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  let failure: Failure | null = null;
  for (let position = 0; ; position++) {
    signal.throwIfAborted();
    const head = await headOrFailure(window, source, hash);
    if (head instanceof Failure) failure = head;
    if (head === null || head instanceof Failure) break;
    const skipped = await window.skip(head.paddedBytes);
    const isCutOff = skipped < head.sizeBytes;
    if (!head.isDirectory) place(head, position, isCutOff, maxBytes, entries, leftOut);
    if (isCutOff) {
      failure = truncated(source.name, `within ${head.name}`);
      break;
    }
  }
  return {
    entries,
    leftOut,
    memberCount: entries.length + leftOut.length,
    directoryHash: hash.digest("hex"),
    failure,
  };
}

/** What is wrong with the tar is a value here: what came before it is whole. What is wrong with the source is thrown. */
async function headOrFailure(
  window: RangeWindow,
  source: ByteSource,
  hash: { update(bytes: Uint8Array): unknown },
): Promise<TarHead | Failure | null> {
  try {
    return await readTarHead(window, source.name, (bytes) => hash.update(bytes));
  } catch (error) {
    if (
      error instanceof Failure &&
      (error.code === "archive_truncated" || error.code === "archive_malformed")
    )
      return error;
    throw error;
  }
}

function place(
  head: TarHead,
  position: number,
  isCutOff: boolean,
  maxBytes: number,
  entries: TarEntry[],
  leftOut: LeftOut[],
): void {
  const { name, sizeBytes, dataOffset } = head;
  if (isCutOff)
    leftOut.push({
      position,
      name,
      rejection: reject("member_truncated", `${sizeBytes} bytes are not there`),
    });
  else if (head.rejection !== null) leftOut.push({ position, name, rejection: head.rejection });
  else if (sizeBytes > maxBytes) {
    const detail = `${sizeBytes} bytes, above limits.maxBytes = ${maxBytes}`;
    leftOut.push({ position, name, rejection: reject("bomb_suspected", detail) });
  } else entries.push({ position, name, dataOffset, sizeBytes });
}
