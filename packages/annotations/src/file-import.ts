import type { AnnotationFileFound, ByteSource } from "@shardmill/core";

/** One annotation file on its way into the table `raw(subset, set_name, media, fields)`. */
export interface FileImport {
  readonly found: AnnotationFileFound;
  readonly source: ByteSource;
  /** Field that names the media. */
  readonly key: string;
  readonly required: readonly string[];
  /** Where a copy may lie while it is read; in the index's own temporary folder. */
  readonly temporaryPath: string;
  readonly onBytes: (bytes: number) => void;
}

/** The file's bytes, counted as they are taken. */
export async function* sourceBytes(
  { source, onBytes }: FileImport,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source.read({ start: 0, end: source.sizeBytes }, signal)) {
    signal.throwIfAborted();
    yield chunk;
    onBytes(chunk.length);
  }
}
