/** A file as it shall lie in the repository. */
export interface WantedFile {
  readonly path: string;
  /** What readers are told of the shards, sent after them. */
  readonly isList: boolean;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** What git calls it; null for tars, which are never kept as git's own files. */
  readonly oid: string | null;
  /** A stretch of its bytes, opened anew each time. */
  open(start: number, end: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** The beginning of a file, for a small one all of it. */
export async function bytesOf(file: WantedFile, end: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.open(0, end, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
