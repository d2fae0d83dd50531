import { readParquetLayout, readZipDirectory } from "@shardmill/archives";
import { rowsName } from "@shardmill/catalogue";
import { contentId, type FileIdentity, hashOf, placeOf, termsOf } from "@shardmill/core";
import { contentsOf, keptOf, type SourceView } from "../context/file-content.ts";
import { openPart, type RecordedPart } from "../context/part-source.ts";
import { sourceKindOf } from "../context/source-places.ts";

/**
 * Identity of a part's content as the source has it. From the listing alone where that tells a sha256 or a git id. Of a
 * folder: a zip's directory, which holds the CRC of every member; of everything else the bytes, since the headers of a
 * tar or the footer of a parquet file can be the same while what they speak of is not.
 */
export async function contentIdOf(
  view: SourceView,
  part: Pick<RecordedPart, "archive" | "pieces"> & { readonly subset?: string | null },
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<string> {
  return withLicense(view, part.subset ?? null, await filesIdOf(view, part, signal, onBytes));
}

/** A subset's own licence is written into its samples, and into nobody else's: another text is another part. */
export function withLicense(
  { build }: Pick<SourceView, "build">,
  subset: string | null,
  content: string,
): string {
  const { license } = termsOf(build.dataset, subset);
  return license === build.dataset.license ? content : hashOf({ content, license });
}

async function filesIdOf(
  view: SourceView,
  part: Pick<RecordedPart, "archive" | "pieces">,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const { archive, pieces } = part;
  switch (archive) {
    case "images":
    case "shards":
      return filesContentId(pieces, await contentsOf(view, pieces, signal, onBytes));
    case "roots":
      throw new Error("media of the user's roots are in no listing");
    case "zip":
      return isTold(view, pieces)
        ? contentId(pieces, null)
        : zipContentId(view, pieces, await directoryHashOf(view, pieces, signal));
    case "parquet":
      return rowsContentId(view, pieces, await bytesContentId(view, part, signal, onBytes));
    default:
      return bytesContentId(view, part, signal, onBytes);
  }
}

/** What rows are called is written into samples, so that a file of another name is other content. */
function rowsContentId(
  { build }: Pick<SourceView, "build">,
  pieces: readonly FileIdentity[],
  content: string,
): string {
  return hashOf({ rows: rowsName(build.dataset, pieces[0]?.path ?? ""), content });
}

/** Files that lie in the source one by one. Their names are written into samples, so that they belong to the content. */
export function filesContentId(pieces: readonly FileIdentity[], contents: readonly string[]): string {
  return hashOf({ files: pieces.map(({ path, sizeBytes }, at) => [path, sizeBytes, contents[at]]) });
}

/** An etag may differ between two servers of the same file; a zip's directory tells better. */
export function zipContentId(
  view: Pick<SourceView, "build">,
  pieces: readonly FileIdentity[],
  directoryHash: string,
): string {
  return isTold(view, pieces)
    ? contentId(pieces, null)
    : contentId(
        pieces.map(({ sizeBytes }) => ({ sizeBytes, sha256: null, oid: null })),
        directoryHash,
      );
}

/** True where the listing fixes the bytes: a sha256, or the git id of a Hub's small file. */
function isTold({ build }: Pick<SourceView, "build">, pieces: readonly FileIdentity[]): boolean {
  return pieces.every(
    ({ path, sha256, oid }) => sha256 !== null || (sourceKindOf(build, path) === "hub" && oid !== null),
  );
}

function directoryHashOf(
  view: SourceView,
  pieces: readonly FileIdentity[],
  signal: AbortSignal,
): Promise<string> {
  return keptOf(
    view,
    "zip",
    pieces,
    async () => (await readZipDirectory(openPart(view, pieces), signal)).directoryHash,
  );
}

async function bytesContentId(
  view: SourceView,
  { archive, pieces }: Pick<RecordedPart, "archive" | "pieces">,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<string> {
  if (placeOf(view.source, pieces[0]).look === undefined) {
    const isKnown = pieces.every(({ sha256, oid }) => sha256 !== null || oid !== null);
    const footer =
      !isKnown && archive === "parquet"
        ? (await readParquetLayout(openPart(view, pieces), signal, [])).footerHash
        : null;
    return contentId(pieces, footer);
  }
  const contents = await contentsOf(view, pieces, signal, onBytes);
  // As a Hub would tell it, so that a mirror of its files is the same content.
  const told = pieces.map(({ sizeBytes }, at) => ({
    sizeBytes,
    sha256: contents[at]?.replace(/^sha256:/, "") ?? null,
    oid: null,
  }));
  return contentId(told, null);
}
