import { parseExactJson } from "@shardmill/core";
import { type TableRow, TableShapeError } from "./table-row.ts";

/** Such a file is one object, and an annotation may speak of any image of it: it is read whole. */
const maxBytes = 512 * 1024 * 1024;

/**
 * The annotations of a COCO file, each with the fields of its image (`file_name`) beside its own. Of a field that both have, `id`
 * above all, the annotation's counts. One whose image is not listed is a bad record.
 */
export async function* cocoTable(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TableRow> {
  const { value, notFinite } = await readObject(chunks);
  const { images, annotations } = isObject(value) ? value : {};
  if (!Array.isArray(images) || !Array.isArray(annotations))
    throw new TableShapeError(
      "expected one JSON object with the lists images and annotations, as COCO has them",
    );
  const byId = new Map<string, Record<string, unknown>>();
  for (const image of images as unknown[]) if (isObject(image)) byId.set(idText(image.id), image);
  for (const [at, annotation] of (annotations as unknown[]).entries()) {
    const place = `annotation ${at + 1}`;
    const own = isObject(annotation) ? annotation : {};
    const image = byId.get(idText(own.image_id));
    if (image === undefined)
      yield { kind: "bad", place, detail: `no image has the id ${idText(own.image_id)}`, weight: 1 };
    else yield { kind: "record", place, fields: { ...image, ...own }, notFinite: at === 0 ? notFinite : 0 };
  }
}

async function readObject(chunks: AsyncIterable<Uint8Array>): Promise<{ value: unknown; notFinite: number }> {
  const held: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxBytes)
      throw new TableShapeError(`a COCO file is read whole, and this one has more than ${maxBytes} bytes`);
    held.push(chunk.slice());
  }
  try {
    return parseExactJson(
      Buffer.concat(held)
        .toString("utf8")
        .replace(/^\ufeff/, ""),
    );
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
    throw new TableShapeError("this is no JSON");
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Some files have ids as numbers here and as texts there. */
function idText(id: unknown): string {
  return typeof id === "string" || typeof id === "number" || typeof id === "bigint" ? String(id) : "";
}
