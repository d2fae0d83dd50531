import { type ByteSource, Failure } from "@shardmill/core";

export function parquetMalformed(source: ByteSource, detail: string, cause?: unknown): Failure {
  const why = cause instanceof Error ? `${detail}: ${cause.message}` : detail;
  return new Failure("archive_malformed", `parquet ${source.name}: ${why}`, {
    where: { path: source.name },
    cause,
  });
}

/** Runs a piece of decoding. Whatever it throws is said of the file: nothing in here waits, reads or can be cancelled. */
export function decoding<T>(source: ByteSource, detail: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw parquetMalformed(source, detail, error);
  }
}
