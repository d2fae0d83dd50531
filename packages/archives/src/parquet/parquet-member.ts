import { reject, type StreamedMember } from "@shardmill/core";
import { rowImages } from "./row-images.ts";

/** What becomes of the rows of a file. */
export interface RowOptions {
  /** The column whose values are images: `list<struct<bytes, path>>`, `struct<bytes, path>`, or bytes; null: none. */
  readonly imagesField: string | null;
  /** The column whose values are clips: bytes, or `struct<bytes, path>`. */
  readonly videoField?: string | null | undefined;
  /** Of all images of a row, or of its clip. */
  readonly maxBytes: number;
  /** Told of every NaN and infinity that became null: the column, and the row in the file. */
  readonly onNotFinite?: ((column: string, row: number) => void) | undefined;
}

/** A row as a member: the images of one column, all else as the record. */
export function parquetMember(
  position: number,
  row: Readonly<Record<string, unknown>>,
  options: RowOptions,
): StreamedMember {
  const { imagesField, maxBytes } = options;
  const name = `row ${position}`;
  if (options.videoField != null)
    return clipMember(position, row, { ...options, column: options.videoField });
  const images = imagesField === null ? [] : rowImages(row[imagesField]);
  if (typeof images === "string") {
    const rejection = reject("image_bytes_missing", images);
    return { position, name, kind: "rejected", rejection };
  }
  const sizeBytes = images.reduce((sum, image) => sum + (image?.length ?? 0), 0);
  if (sizeBytes > maxBytes) {
    const rejection = reject("bomb_suspected", `${sizeBytes} bytes, above limits.maxBytes = ${maxBytes}`);
    return { position, name, kind: "rejected", rejection };
  }
  const record = recordOf(position, row, { ...options, column: imagesField });
  return { position, name, kind: "member", content: { kind: "images", images, record }, sizeBytes };
}

type ColumnOptions<Column> = RowOptions & { readonly column: Column };

/** A row whose clip lies in one of its columns. A path is never followed: it names the authors' disk. */
function clipMember(
  position: number,
  row: Readonly<Record<string, unknown>>,
  options: ColumnOptions<string>,
): StreamedMember {
  const name = `row ${position}`;
  const value = row[options.column];
  const bytes = typeof value === "object" && value !== null && "bytes" in value ? value.bytes : value;
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) {
    const rejection = reject("image_bytes_missing", `${options.column} holds no bytes of a clip`);
    return { position, name, kind: "rejected", rejection };
  }
  if (bytes.length > options.maxBytes) {
    const detail = `${bytes.length} bytes, above limits.maxBytes = ${options.maxBytes}`;
    return { position, name, kind: "rejected", rejection: reject("bomb_suspected", detail) };
  }
  const content = { kind: "file", bytes: bytes.slice(), record: recordOf(position, row, options) } as const;
  return { position, name, kind: "member", content, sizeBytes: bytes.length };
}

/** All columns but that of the media. */
function recordOf(
  position: number,
  row: Readonly<Record<string, unknown>>,
  { column, onNotFinite }: ColumnOptions<string | null>,
) {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(row))
    if (key !== column)
      define(
        fields,
        key,
        plain(value, () => onNotFinite?.(key, position)),
      );
  return { set: "row", fields };
}

/**
 * A value as a record holds it: whole numbers to the digit, NaN and infinities as null. Bytes that are not the images' are
 * null: a record is text.
 */
function plain(value: unknown, onNotFinite: () => void): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "number" && !Number.isFinite(value)) {
    onNotFinite();
    return null;
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value === undefined || value instanceof Uint8Array) return null;
  if (Array.isArray(value)) return value.map((item) => plain(item, onNotFinite));
  if (ArrayBuffer.isView(value)) return null;
  if (typeof value !== "object" || value === null) return value;
  const fields: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) define(fields, key, plain(field, onNotFinite));
  return fields;
}

/** Column names are outside data: `__proto__` must become a field like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
