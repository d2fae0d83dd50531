import { isUtf8 } from "node:buffer";
import yauzl from "yauzl";

export interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

export interface ZipName {
  readonly name: string;
  /** False when the archive says UTF-8 and it is none; `name` then holds replacement characters. */
  readonly isDecodable: boolean;
}

const utf8Flag = 0x800;

/**
 * A name as the zip rules have it (UTF-8 flag, Info-ZIP's Unicode path, else code page 437), with one deviation: bytes that
 * are valid UTF-8 are read as UTF-8 without the flag, because zip tools on Linux write such names.
 */
export function zipName(raw: Buffer, flags: number, extraFields: readonly ExtraField[]): ZipName {
  const isValid = isUtf8(raw);
  const fields = extraFields.map(({ id, data }) => ({ id, data }));
  const effectiveFlags = isValid ? flags | utf8Flag : flags;
  const name = yauzl.getFileNameLowLevel(effectiveFlags, raw, fields, true);
  return { name, isDecodable: isValid || (flags & utf8Flag) === 0 };
}
