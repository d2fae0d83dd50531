/** What of a pax header matters here. */
export interface PaxFields {
  readonly path: Buffer | null;
  readonly sizeBytes: number | null;
  readonly isSparse: boolean;
}

/** Parses `length key=value\n` records; null when they are not well formed. Of a key given twice, the last counts. */
export function parsePax(bytes: Buffer): PaxFields | null {
  let path: Buffer | null = null;
  let sizeBytes: number | null = null;
  let isSparse = false;
  for (let at = 0; at < bytes.length; ) {
    // Some writers pad the records with zeros.
    if (bytes[at] === 0) break;
    const record = recordAt(bytes, at);
    if (record === null) return null;
    at = record.end;
    if (record.key === "path") path = record.value;
    if (record.key.startsWith("GNU.sparse.")) isSparse = true;
    if (record.key === "size") {
      const digits = record.value.toString("latin1");
      sizeBytes = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
      if (!Number.isSafeInteger(sizeBytes)) return null;
    }
  }
  return { path, sizeBytes, isSparse };
}

function recordAt(bytes: Buffer, at: number): { key: string; value: Buffer; end: number } | null {
  const space = bytes.indexOf(0x20, at);
  if (space < 0 || space - at > 10) return null;
  const digits = bytes.toString("latin1", at, space);
  const end = /^\d+$/.test(digits) ? at + Number(digits) : 0;
  const equals = bytes.indexOf(0x3d, space);
  if (end > bytes.length || equals < 0 || equals >= end || bytes[end - 1] !== 0x0a) return null;
  return { key: bytes.toString("utf8", space + 1, equals), value: bytes.subarray(equals + 1, end - 1), end };
}
