import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Compressors, snappyUncompress } from "hyparquet";
import { compressors, decompressZstd } from "hyparquet-compressors";

/** WebAssembly memory never shrinks: a larger page is decompressed in JavaScript. */
const wasmLimitBytes = 16 * 1024 * 1024;

/** Decompressors of pages. None writes more than the page header states. */
export const parquetCodecs: Compressors = {
  ...compressors,
  SNAPPY: (input, outputLength) => {
    const viaWasm = compressors.SNAPPY;
    if (viaWasm !== undefined && outputLength <= wasmLimitBytes) return viaWasm(input, outputLength);
    const output = new Uint8Array(outputLength);
    snappyUncompress(input, output);
    return output;
  },
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: Math.max(1, outputLength) }),
  BROTLI: (input, outputLength) =>
    brotliDecompressSync(input, { maxOutputLength: Math.max(1, outputLength) }),
  ZSTD: (input, outputLength) => decompressZstd(input, new Uint8Array(outputLength)),
};
