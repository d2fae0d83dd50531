import { basename, isNamedAs, naturalOrder, type ZipEntry } from "@shardmill/core";
import type { ListedMember } from "./judge-members.ts";

/** A member with the span of its bytes in the archive. */
export type SpannedMember = ListedMember & { readonly startByte: number; readonly endByte: number };

/** Where the pictures of a folder lie, in the natural order of their names: what a name has behind the folder's, offset, packed and plain bytes, CRC, method. */
type FrameAddress = readonly [string, number, number, number, number, number];

/** Members of a zip, the pictures of each folder as one: named by the folder, at the place of its first. */
export function groupZipFrames(entries: readonly ZipEntry[]): SpannedMember[] {
  const runs = new Map<string, ZipEntry[]>();
  const others: SpannedMember[] = [];
  for (const entry of entries) {
    const folder = entry.name.slice(0, Math.max(0, entry.name.length - basename(entry.name).length - 1));
    if (folder === "" || !isNamedAs(entry.name, "frame")) others.push(fileOf(entry));
    else {
      const run = runs.get(folder);
      if (run === undefined) runs.set(folder, [entry]);
      else run.push(entry);
    }
  }
  const folders = [...runs].map(([name, run]): SpannedMember => {
    const inOrder = run.toSorted((a, b) => naturalOrder(a.name, b.name));
    return {
      position: Math.min(...run.map(({ position }) => position)),
      name,
      at: { frames: inOrder.map((entry) => addressOf(entry, name)) },
      isFolder: true,
      startByte: Math.min(...run.map(({ localHeaderOffset }) => localHeaderOffset)),
      endByte: Math.max(...run.map((entry) => entry.localHeaderOffset + entry.compressedBytes)),
    };
  });
  return [...others, ...folders].sort((a, b) => a.position - b.position);
}

export function fileOf(entry: ZipEntry): SpannedMember {
  return {
    position: entry.position,
    name: entry.name,
    at: { ...entry },
    startByte: entry.localHeaderOffset,
    endByte: entry.localHeaderOffset + entry.compressedBytes,
  };
}

function addressOf(entry: ZipEntry, folder: string): FrameAddress {
  return [
    entry.name.slice(folder.length),
    entry.localHeaderOffset,
    entry.compressedBytes,
    entry.sizeBytes,
    entry.crc32,
    entry.method,
  ];
}
