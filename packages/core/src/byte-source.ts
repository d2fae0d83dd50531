/** Half-open byte range [start, end). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What fixes a file's content. `sha256` is null where the source does not tell it (git-stored files, folders). */
export interface FileIdentity {
  /** Path in the source, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
  /** Git blob id or etag when there is no sha256; null for folders. */
  readonly oid: string | null;
  /**
   * Of a file in a folder: size, times and inode as one text. Equal stamps mean equal bytes; other stamps mean nothing.
   * Null where it cannot be trusted, since the file was written to a moment ago; absent for other sources.
   */
  readonly stamp?: string | null | undefined;
}

/** A file, or several pieces as one, that can be read by range. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** For messages and manifests; never holds a credential. */
  readonly name: string;
  /**
   * The bytes of a range, in order, in chunks of any size. Exactly `end - start` bytes or a Failure:
   * a transient fault is healed inside and never seen here. Pulled by the consumer; breaking off closes the connection.
   */
  read(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Where a dataset's files are, at one fixed revision. */
export interface Source {
  /** `hub:nkp37/OpenVid-1M`, `http://...`, `folder:name`; no credential, no absolute local path. */
  readonly name: string;
  /** The commit the listing and every read use; null for a folder. */
  readonly revision: string | null;
  /** Every file, once, in name order of the source; pages are fetched as they are consumed. */
  list(signal: AbortSignal): AsyncIterable<FileIdentity>;
  /** What the last listing passed over, in a few lines for a person; complete when it has ended. */
  passedOver?(): string[];
  open(file: FileIdentity): ByteSource;
  /** The file as it is now, or null where there is none. Only of sources whose files may change under one revision. */
  look?(path: string): Promise<FileIdentity | null>;
  /** Of several places as one: the one that holds this file. It takes and gives paths as this source does. */
  of?(path: string): Source;
}

/** The place that holds a file: where there is one only, the source itself. */
export function placeOf(source: Source, file: Pick<FileIdentity, "path"> | undefined): Source {
  return file === undefined ? source : (source.of?.(file.path) ?? source);
}

/** Reads a whole range into memory; for small things such as archive directories. */
export async function readAll(
  source: ByteSource,
  range: ByteRange,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(range.end - range.start);
  let at = 0;
  for await (const chunk of source.read(range, signal)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
