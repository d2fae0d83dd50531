import { indexTar, readZipDirectory } from "@shardmill/archives";
import { type LedgerLine, pathInPlace, type Remark } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { contentsOf } from "../context/file-content.ts";
import { openPart, type RecordedPart } from "../context/part-source.ts";
import { readRootListing } from "../roots/root-content.ts";
import { fileOf, groupZipFrames, type SpannedMember } from "./group-zip-frames.ts";
import { leftOutLine } from "./judge-members.ts";
import { contentIdOf, filesContentId, withLicense, zipContentId } from "./part-content.ts";

/** All members of a part, known before any is read. */
export interface Directory {
  readonly listed: readonly SpannedMember[];
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
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Directory> {
  switch (part.archive) {
    case "zip":
      return readZip(context, part, signal);
    case "images":
      return listFiles(context, part, signal, onBytes);
    case "roots":
      return listRoots(context, part, signal);
    default:
      return readTar(context, part, signal, onBytes);
  }
}

async function readZip(context: BuildContext, part: RecordedPart, signal: AbortSignal): Promise<Directory> {
  const { maxBytes } = context.build.recipe.limits;
  const source = openPart(context, part.pieces);
  const { entries, leftOut, directoryHash, remarks } = await readZipDirectory(source, signal, { maxBytes });
  return {
    // An entry says where folders of pictures are clips: elsewhere they are what nobody asked for.
    listed: context.dataset.frames === undefined ? entries.map(fileOf) : groupZipFrames(entries),
    leftOut: leftOut.map((member) => leftOutLine(member, member.rejection)),
    contentId: withLicense(context, part.subset, zipContentId(context, part.pieces, directoryHash)),
    remarks,
  };
}

async function readTar(
  context: BuildContext,
  part: RecordedPart,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Directory> {
  const { maxBytes } = context.build.recipe.limits;
  const source = openPart(context, part.pieces);
  const { entries, leftOut, remarks } = await indexTar(source, signal, { maxBytes });
  return {
    listed: entries.map((entry) => ({
      position: entry.position,
      name: entry.name,
      at: { ...entry },
      startByte: entry.dataOffset,
      endByte: entry.dataOffset + entry.sizeBytes,
    })),
    leftOut: leftOut.map((member) => leftOutLine(member, member.rejection)),
    contentId: await contentIdOf(context, part, signal, onBytes),
    remarks,
  };
}

/** Files that lie in the source one by one. */
async function listFiles(
  context: BuildContext,
  { pieces, subset }: RecordedPart,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Directory> {
  const contents = await contentsOf(context, pieces, signal, onBytes);
  let at = 0;
  const listed = pieces.map(({ path, sizeBytes }, position) => {
    const startByte = at;
    at += sizeBytes;
    const content = contents[position] ?? "";
    return {
      position,
      name: pathInPlace(context.dataset, path),
      at: { sizeBytes, content },
      startByte,
      endByte: at,
    };
  });
  return {
    listed,
    leftOut: [],
    remarks: [],
    contentId: withLicense(context, subset, filesContentId(pieces, contents)),
  };
}

async function listRoots(context: BuildContext, part: RecordedPart, signal: AbortSignal): Promise<Directory> {
  const { contentId, media } = await readRootListing(context, part, signal);
  return {
    listed: media.map(({ position, media: name, file, content }) => ({
      position,
      name,
      at: { ...file, content },
      isFolder: file.isFolder,
      startByte: 0,
      endByte: file.sizeBytes,
    })),
    leftOut: [],
    remarks: [],
    contentId,
  };
}
