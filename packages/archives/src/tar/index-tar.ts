import { createHash } from "node:crypto";
import {
  type ByteSource,
  type Rejection,
  type Remark,
  RemarkBook,
  reject,
  type TarEntry,
} from "@shardmill/core";
import type { LeftOut } from "../members/stream-options.ts";
import { RangeWindow } from "./range-window.ts";
import { cutDetail, type TarHead, TarHeads } from "./read-tar-head.ts";

export interface TarIndex {
  /** Members that can be read, in archive order. */
  readonly entries: TarEntry[];
  readonly leftOut: LeftOut[];
  /** Entries that are no folders: those above together. */
  readonly memberCount: number;
  /** sha256 of all header blocks and extension headers, in order. */
  readonly directoryHash: string;
  /** Bytes behind the end that are no further tar, an end that came too early. */
  readonly remarks: readonly Remark[];
}

/**
 * Lists a plain tar on a source that can be read by range, hopping from header to header. A window of 64 KiB is read at
 * a time, so small members cost no request each, and large ones are not read. A tar that is cut off at the source gives
 * its whole members, the cut one left out, and a remark; one that is damaged is a Failure.
 */
export async function indexTar(
  source: ByteSource,
  signal: AbortSignal,
  options: { readonly maxBytes?: number | undefined } = {},
): Promise<TarIndex> {
  const hash = createHash("sha256");
  const window = new RangeWindow(source, signal);
  const remarks = new RemarkBook();
  const heads = new TarHeads(window, {
    sourceName: source.name,
    onHeader: (bytes) => void hash.update(bytes),
    remarks,
  });
  const entries: TarEntry[] = [];
  const leftOut: LeftOut[] = [];
  const maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  for (let position = 0; ; position++) {
    signal.throwIfAborted();
    const head = await heads.next();
    if (head.kind === "end") {
      if (head.cut === null) break;
      const rejection = reject("member_truncated", "the archive ends within the member's headers");
      leftOut.push({ position, name: head.cut, rejection });
      remarks.add("archive_truncated", cutDetail(source.name, head.cut));
      break;
    }
    const isCutOff = (await window.skip(head.paddedBytes)) < head.sizeBytes;
    const rejection = isCutOff ? cutOff(head) : unfit(head, maxBytes);
    const { name, sizeBytes, dataOffset, isDirectory } = head;
    if (rejection !== null && !isDirectory) leftOut.push({ position, name, rejection });
    if (rejection === null && !isDirectory) entries.push({ position, name, dataOffset, sizeBytes });
    if (isCutOff) {
      remarks.add("archive_truncated", cutDetail(source.name, head.name));
      break;
    }
  }
  return {
    entries,
    leftOut,
    memberCount: entries.length + leftOut.length,
    directoryHash: hash.digest("hex"),
    remarks: remarks.list(),
  };
}

function cutOff({ sizeBytes }: TarHead): Rejection {
  return reject("member_truncated", `${sizeBytes} bytes are not there`);
}

/** Why an entry is no member that can be read, or null. */
function unfit({ rejection, sizeBytes }: TarHead, maxBytes: number): Rejection | null {
  if (rejection !== null || sizeBytes <= maxBytes) return rejection;
  return reject("bomb_suspected", `${sizeBytes} bytes, above limits.maxBytes = ${maxBytes}`);
}
