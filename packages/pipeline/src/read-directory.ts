import { indexTar, readZipDirectory } from "@shardmill/archives";
import { contentId, hashOf, type LedgerLine, type Remark } from "@shardmill/core";
import type { BuildContext } from "./context.ts";
import { type ListedMember, leftOutLine } from "./judge-members.ts";
import { listRootMedia } from "./list-root-media.ts";
import { openPart, type RecordedPart } from "./part-source.ts";

/** All members of a part, known before any is read. */
export interface Directory {
  readonly listed: readonly (ListedMember & { readonly startByte: number; readonly endByte: number })[];
  /** Members that the directory alone rules out. */
  readonly leftOut: readonly LedgerLine[];
  readonly contentId: string;
  /** What the archive holds besides members. */
  readonly remarks: readonly Remark[];
}

export async function readDirectory(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
): Promise<Directory> {
  switch (part.archive) {
    case "zip":
      return readZip(context, part, signal);
    case "images":
      return listFiles(part);
    case "roots":
      return listRoots(context, part, signal);
    default:
      return readTar(context, part, signal);
  }
}

async function readZip(context: BuildContext, part: RecordedPart, signal: AbortSignal): Promise<Directory> {
  const { maxBytes } = context.build.recipe.limits;
  const source = openPart(context, part.pieces);
  const { entries, leftOut, directoryHash, remarks } = await readZipDirectory(source, signal, { maxBytes });
  return {
    listed: entries.map((entry) => ({
      position: entry.position,
      name: entry.name,
      at: { ...entry },
      startByte: entry.localHeaderOffset,
      endByte: entry.localHeaderOffset + entry.compressedBytes,
    })),
    leftOut: leftOut.map((member) => leftOutLine(member, member.rejection)),
    contentId: contentId(part.pieces, directoryHash),
    remarks,
  };
}

async function readTar(context: BuildContext, part: RecordedPart, signal: AbortSignal): Promise<Directory> {
  const { maxBytes } = context.build.recipe.limits;
  const source = openPart(context, part.pieces);
  const { entries, leftOut, directoryHash, remarks } = await indexTar(source, signal, { maxBytes });
  return {
    listed: entries.map((entry) => ({
      position: entry.position,
      name: entry.name,
      at: { ...entry },
      startByte: entry.dataOffset,
      endByte: entry.dataOffset + entry.sizeBytes,
    })),
    leftOut: leftOut.map((member) => leftOutLine(member, member.rejection)),
    contentId: contentId(part.pieces, directoryHash),
    remarks,
  };
}

/** Files that lie in the source one by one. Their names are written into samples, so that they belong to the content. */
function listFiles({ pieces }: RecordedPart): Directory {
  let at = 0;
  const listed = pieces.map(({ path, sizeBytes }, position) => {
    const startByte = at;
    at += sizeBytes;
    return { position, name: path, at: { sizeBytes }, startByte, endByte: at };
  });
  return {
    listed,
    leftOut: [],
    remarks: [],
    contentId: hashOf({
      files: pieces.map(({ path, sizeBytes, sha256, oid }) => [path, sizeBytes, sha256, oid]),
    }),
  };
}

async function listRoots(context: BuildContext, part: RecordedPart, signal: AbortSignal): Promise<Directory> {
  const found = await listRootMedia(context, part, signal);
  return {
    listed: found.map(({ position, media, file }) => ({
      position,
      name: media,
      at: { ...file },
      isFolder: file.isFolder,
      startByte: 0,
      endByte: file.sizeBytes,
    })),
    leftOut: [],
    remarks: [],
    contentId: hashOf({
      roots: found.map(({ media, file }) => [media, file.path, file.sizeBytes, file.isFolder]),
    }),
  };
}
