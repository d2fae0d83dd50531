import type { PageHeader } from "hyparquet";
import {
  type ColumnDecoder,
  deltaBinaryUnpack,
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  readVarInt,
} from "./hyparquet-internals.ts";

/** Some writers pad the last run. */
const paddingValues = 1024;

interface Reader {
  readonly view: DataView;
  offset: number;
}

/**
 * Looks at the run lengths in a decompressed page before hyparquet believes them: it writes a run of two billion values
 * without looking at how many there should be. Throws where a run is longer than the page.
 */
export function checkPageRuns(page: Uint8Array, header: PageHeader, decoder: ColumnDecoder): void {
  const reader: Reader = { view: new DataView(page.buffer, page.byteOffset, page.length), offset: 0 };
  const repetition = getMaxRepetitionLevel(decoder.schemaPath);
  const definition = getMaxDefinitionLevel(decoder.schemaPath);
  const v1 = header.data_page_header;
  const v2 = header.data_page_header_v2;
  if (v1 !== undefined) {
    for (const level of [repetition, definition])
      if (level > 0) checkRuns(reader, lengthPrefix(reader), bitWidth(level), v1.num_values);
    checkValues(reader, v1.encoding, v1.num_values, decoder);
  } else if (v2 !== undefined) {
    const levels = v2.repetition_levels_byte_length;
    if (repetition > 0) checkRuns(reader, levels, bitWidth(repetition), v2.num_values);
    reader.offset = levels;
    if (definition > 0)
      checkRuns(reader, v2.definition_levels_byte_length, bitWidth(definition), v2.num_values);
    reader.offset = levels + v2.definition_levels_byte_length;
    checkValues(reader, v2.encoding, v2.num_values, decoder);
  }
}

/** The same for one block of levels behind its length. */
export function checkLevelRuns(block: Uint8Array, width: number, values: number): void {
  const reader: Reader = { view: new DataView(block.buffer, block.byteOffset, block.length), offset: 0 };
  checkRuns(reader, lengthPrefix(reader), width, values);
}

function checkValues(reader: Reader, encoding: string, values: number, { type }: ColumnDecoder): void {
  const left = reader.view.byteLength - reader.offset;
  if (left <= 0) return;
  if (encoding.endsWith("_DICTIONARY")) {
    const width = reader.view.getUint8(reader.offset);
    reader.offset += 1;
    if (width > 32) throw new Error(`dictionary indices of ${width} bits`);
    if (width > 0) checkRuns(reader, left - 1, width, values);
  } else if (encoding === "RLE" && type === "BOOLEAN") {
    checkRuns(reader, lengthPrefix(reader), 1, values);
  } else if (encoding.startsWith("DELTA_")) {
    const stated = checkDelta(reader, values);
    if (encoding !== "DELTA_BYTE_ARRAY") return;
    // Lengths of prefixes are followed by those of suffixes, in the same manner.
    const lengths: Reader = { view: reader.view, offset: reader.offset };
    deltaBinaryUnpack(lengths, stated, new Int32Array(stated));
    checkDelta(lengths, values);
  }
}

/** The hybrid of run-length and bit-packed runs. hyparquet follows it until it has all values, whatever `length` says. */
function checkRuns(reader: Reader, length: number, width: number, values: number): void {
  const end = reader.offset + length;
  if (length < 0 || end > reader.view.byteLength)
    throw new Error(`${length} bytes of runs in a smaller page`);
  const walk: Reader = { view: reader.view, offset: reader.offset };
  // Values stop where the page does: nulls have none. Levels are followed as far as hyparquet would.
  for (let seen = 0; seen < values && walk.offset < reader.view.byteLength; ) {
    const header = readVarInt(walk);
    const isPacked = (header & 1) === 1;
    const count = isPacked ? (header >>> 1) * 8 : header >>> 1;
    if (count > values - seen + paddingValues)
      throw new Error(`a run of ${count} where ${values - seen} are left`);
    walk.offset += isPacked ? (header >>> 1) * width : (width + 7) >> 3;
    if (walk.offset > reader.view.byteLength + 8) throw new Error("a run ends outside of its page");
    seen += count;
  }
  reader.offset = end;
}

/** Returns how many values the block header states. */
function checkDelta(reader: Reader, values: number): number {
  const at: Reader = { view: reader.view, offset: reader.offset };
  const blockSize = readVarInt(at);
  const miniblocks = readVarInt(at);
  const stated = readVarInt(at);
  const isSane = miniblocks >= 1 && miniblocks <= 4096 && blockSize >= miniblocks && blockSize <= 1 << 24;
  if (!isSane || blockSize % miniblocks !== 0 || stated < 0 || stated > values)
    throw new Error(`${stated} values in delta blocks of ${blockSize} in ${miniblocks}`);
  return stated;
}

function lengthPrefix(reader: Reader): number {
  const length = reader.view.getUint32(reader.offset, true);
  reader.offset += 4;
  return length;
}

function bitWidth(level: number): number {
  return 32 - Math.clz32(level);
}
