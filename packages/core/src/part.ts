import type { FileIdentity } from "./byte-source.ts";
import { hashOf } from "./canonical-json.ts";
import type { Code } from "./codes.ts";
import type { ArchiveKind, RecordFormat } from "./dataset.ts";
import type { PartId } from "./names.ts";

/** A part as the listing shows it: its files in order, or the reason why it cannot be built. */
export type PartListing = PartId & {
  readonly label: string;
  /** `shards`: of another output. */
  readonly archive: ArchiveKind | "shards";
} & (
    | { readonly kind: "present"; readonly pieces: readonly FileIdentity[]; readonly sizeBytes: number }
    | { readonly kind: "absent"; readonly code: Code; readonly reason: string }
  );

/** What the catalogue's rules make of a listing. */
export interface PartsFound {
  /** In order of subset and number. */
  readonly parts: readonly PartListing[];
  /** Things a person should know and that stop nothing: a stray piece, a second series. */
  readonly remarks: readonly string[];
  readonly annotationFiles: readonly AnnotationFileFound[];
  /** Subsets that would have one name or the same labels and keys: no two of them can be in one output. */
  readonly clashes: readonly SubsetClash[];
}

export interface SubsetClash {
  /** What their labels would begin with. */
  readonly word: string;
  /** As the source spells them. */
  readonly sources: readonly string[];
  /** As parts have them: one name where the spellings differ in nothing else. */
  readonly subsets: readonly string[];
}

export interface AnnotationFileFound {
  readonly file: FileIdentity;
  readonly subset: string | null;
  readonly set: string;
  readonly format: RecordFormat;
}

/**
 * Identity of a part's content, wherever it was read from: sizes and sha256 of its pieces, or the git id or etag where a source
 * tells that instead; where it tells neither, sizes and a hash of the archive's directory.
 */
export function contentId(
  pieces: readonly Pick<FileIdentity, "sizeBytes" | "sha256" | "oid">[],
  directoryHash: string | null,
): string {
  const known = pieces.every(({ sha256, oid }) => sha256 !== null || oid !== null);
  return hashOf({
    pieces: pieces.map(({ sizeBytes, sha256, oid }) => ({
      sizeBytes,
      sha256,
      oid: sha256 === null && oid !== null ? oid : undefined,
    })),
    directory: known ? null : directoryHash,
  });
}

export function piecesBytes(pieces: readonly FileIdentity[]): number {
  return pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0);
}
