import {
  type AnnotationRecord,
  basename,
  isAppleDouble,
  parseExactJson,
  type Rejection,
  reject,
} from "@shardmill/core";

/** A file that belongs to a sample's media: `x.txt` or `x.json` of `x.mp4`. */
export interface BesideFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A record is text: what is larger is something else under its name. */
export const maxBesideBytes = 4 * 1024 * 1024;

/** Whether a file may hold the record of a media, by its name alone. */
export function isNamedAsRecord(name: string): boolean {
  return /\.(txt|json|text|caption|cls)$/i.test(basename(name)) && !isAppleDouble(name);
}

/** What WebDataset groups the files of a sample by: the path up to the first dot of the file's name. */
export function groupKey(name: string): string {
  const file = basename(name);
  const dot = file.indexOf(".", 1);
  return dot < 0 ? name : name.slice(0, name.length - file.length + dot);
}

/**
 * The record of a media from its own name and the files beside it. Its fields are their endings (`txt`, `json`, `caption.txt`), `key`
 * (the path without its ending) and `folder` (that it lies in). A file under the media's whole name comes before one that
 * shares it only up to the first dot.
 */
export function recordBeside(
  media: string,
  files: readonly BesideFile[],
): { readonly kind: "record"; readonly record: AnnotationRecord } | Rejected {
  const stem = media.slice(0, media.lastIndexOf("."));
  const shared = groupKey(media);
  const fields = new Map<string, unknown>();
  for (const key of stem === shared ? [stem] : [shared, stem])
    for (const file of files) {
      if (!file.name.startsWith(`${key}.`)) continue;
      const value = readBeside(file);
      if (value.kind === "rejected") return value;
      fields.set(file.name.slice(key.length + 1).toLowerCase(), value.value);
    }
  const folder = media.split("/").at(-2) ?? null;
  return {
    kind: "record",
    record: { set: "beside", fields: Object.fromEntries([...fields, ["folder", folder], ["key", stem]]) },
  };
}

type Rejected = { readonly kind: "rejected"; readonly rejection: Rejection };

function readBeside({
  name,
  bytes,
}: BesideFile): { readonly kind: "value"; readonly value: unknown } | Rejected {
  const no = (detail: string): Rejected => ({
    kind: "rejected",
    rejection: reject("annotation_invalid", `${basename(name)} ${detail}`),
  });
  if (bytes.length > maxBesideBytes)
    return no(`has ${bytes.length} bytes, above ${maxBesideBytes} for a record`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  if (!/\.json$/i.test(name)) return { kind: "value", value: text.replace(/\r?\n$/, "") };
  try {
    return { kind: "value", value: parseExactJson(text).value };
  } catch (error) {
    // Nested too deeply is as unusable as no JSON.
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
    return no("is no JSON");
  }
}
