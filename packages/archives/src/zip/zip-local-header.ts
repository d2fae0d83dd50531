import type { ZipEntry } from "@shardmill/core";
import yauzl from "yauzl";
import { safeNumber } from "./zip-end-record.ts";
import { type ExtraField, zipName } from "./zip-name.ts";

export const localHeaderBytes = 30;

/** How many bytes follow the fixed part of a local header before the data begins; null when it is no local header. */
export function localRestBytes(header: Buffer): number | null {
  if (header.length < localHeaderBytes || header.readUInt32LE(0) !== 0x04034b50) return null;
  return header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** Compares a local header with what the directory says; null when they agree. */
export function localContradiction(header: Buffer, rest: Buffer, entry: ZipEntry): string | null {
  const flags = header.readUInt16LE(6);
  const nameBytes = header.readUInt16LE(26);
  const fields = extraFields(rest.subarray(nameBytes));
  const { name } = zipName(rest.subarray(0, nameBytes), flags, fields);
  // Some writers set the UTF-8 flag in only one of the two headers.
  if (name !== entry.name && zipName(rest.subarray(0, nameBytes), flags ^ 0x800, fields).name !== entry.name)
    return `the local header is named ${name}`;
  const method = header.readUInt16LE(8);
  if (method !== entry.method)
    return `method ${method} in the local header, ${entry.method} in the directory`;
  // With a data descriptor, sizes and CRC follow the data, and the header may hold zeros.
  const mayBeZero = (flags & 8) !== 0;
  const zip64 = fields.find((field) => field.id === 1)?.data ?? Buffer.alloc(0);
  const size = localSize(header.readUInt32LE(22), zip64, 0);
  const compressed = localSize(header.readUInt32LE(18), zip64, 8);
  if (!agrees(size, entry.sizeBytes, mayBeZero))
    return `size ${size} in the local header, ${entry.sizeBytes} in the directory`;
  if (!agrees(compressed, entry.compressedBytes, mayBeZero))
    return `${compressed} compressed bytes in the local header, ${entry.compressedBytes} in the directory`;
  const crc = header.readUInt32LE(14);
  return agrees(crc, entry.crc32, mayBeZero) ? null : "the local header has another CRC than the directory";
}

/** Null where the field only says "see ZIP64" and there is none. */
function localSize(short: number, zip64: Buffer, at: number): number | null {
  if (short !== 0xffff_ffff) return short;
  return zip64.length >= at + 8 ? safeNumber(zip64, at) : null;
}

function agrees(local: number | null, stated: number, mayBeZero: boolean): boolean {
  return local === null || local === stated || (mayBeZero && local === 0);
}

function extraFields(raw: Buffer): ExtraField[] {
  try {
    return yauzl.parseExtraFields(raw);
  } catch {
    return [];
  }
}
