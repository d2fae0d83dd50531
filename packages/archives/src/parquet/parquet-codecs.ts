import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Compressors, snappyUncompress } from "hyparquet";
import { compressors, decompressZstd } from "hyparquet-compressors";

/** WebAssembly memory never shrinks: a larger page is decompressed in JavaScript. */
export const largePageBytes = 16 * 1024 * 1024;

/** Decompressors of pages. None writes more than the page header states. */
export const parquetCodecs: Compressors = {
  ...compressors,
  SNAPPY: (input, outputLength) => {
    const viaWasm = compressors.SNAPPY;
    if (viaWasm !== undefined && outputLength <= largePageBytes) return viaWasm(input, outputLength);
    const output = new Uint8Array(outputLength);
    snappyUncompress(input, output);
    return output;
  },
  GZIP: (input, outputLength) => gunzipSync(input, { maxOutputLength: Math.max(1, outputLength) }),
  BROTLI: (input, outputLength) =>
    brotliDecompressSync(input, { maxOutputLength: Math.max(1, outputLength) }),
  ZSTD: (input, outputLength) => {
    const output = new Uint8Array(outputLength);
    // fzstd compares its output with 1, which makes a string of every byte of it unless told otherwise.
    Object.defineProperty(output, "toString", { value: () => "" });
    return decompressZstd(input, output);
  },
};
