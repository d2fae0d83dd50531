/**
 * What is taken of hyparquet behind its public interface, all of it: pages are read one by one and checked before they are
 * believed, which its own readers do not offer. These are not covered by its semantic versioning, so that it is pinned, and
 * a new version has this one file to be held against.
 */
export { assembleNested } from "hyparquet/src/assemble.js";
export { parquetHeader, readPage } from "hyparquet/src/column.js";
export { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
export { decompressPage } from "hyparquet/src/datapage.js";
export { deltaBinaryUnpack } from "hyparquet/src/delta.js";
export { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
export { readOffsetIndex } from "hyparquet/src/indexes.js";
export { getMaxDefinitionLevel, getMaxRepetitionLevel, getTreePath } from "hyparquet/src/schema.js";
export { readVarInt } from "hyparquet/src/thrift.js";
export type { ColumnDecoder } from "hyparquet/src/types.js";
