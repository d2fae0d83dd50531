import type { PageHeader } from "hyparquet";
import {
  type ColumnDecoder,
  decompressPage,
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
} from "./hyparquet-internals.ts";

export interface ExpandedPage {
  readonly header: PageHeader;
  readonly body: Uint8Array;
}

/**
 * The header by which a page without value bytes is decoded: every other encoding than PLAIN begins with a byte of its
 * own, which is not there when all values are null.
 */
export function valuelessHeader({ header, body }: ExpandedPage, decoder: ColumnDecoder): PageHeader {
  const { data_page_header: v1, data_page_header_v2: v2 } = header;
  if (v2 !== undefined) {
    const levels = v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
    return levels === body.length ? { ...header, data_page_header_v2: { ...v2, encoding: "PLAIN" } } : header;
  }
  if (v1 === undefined) return header;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let at = 0;
  for (const level of [getMaxRepetitionLevel(decoder.schemaPath), getMaxDefinitionLevel(decoder.schemaPath)])
    if (level > 0 && at + 4 <= body.length) at += 4 + view.getUint32(at, true);
  return at === body.length ? { ...header, data_page_header: { ...v1, encoding: "PLAIN" } } : header;
}

/** A page and its header as they would be without compression, so that the page can be looked at before it is decoded. */
export function expandPage(header: PageHeader, body: Uint8Array, decoder: ColumnDecoder): ExpandedPage {
  const v2 = header.data_page_header_v2;
  const levelBytes =
    v2 === undefined ? 0 : v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
  if (levelBytes < 0 || levelBytes > body.length)
    throw new Error(`${levelBytes} bytes of levels in ${body.length}`);
  if (decoder.codec === "UNCOMPRESSED" || v2?.is_compressed === false) return { header, body };
  // A page of nulls alone has no values, and some writers then leave out even what the codec makes of nothing.
  const isEmpty = body.length === levelBytes && header.uncompressed_page_size === levelBytes;
  const values = isEmpty
    ? new Uint8Array(0)
    : decompressPage(
        body.subarray(levelBytes),
        header.uncompressed_page_size - levelBytes,
        decoder.codec,
        decoder.compressors,
      );
  const expanded = levelBytes === 0 ? values : Buffer.concat([body.subarray(0, levelBytes), values]);
  return {
    header: {
      ...header,
      compressed_page_size: expanded.length,
      uncompressed_page_size: expanded.length,
      ...(v2 === undefined ? {} : { data_page_header_v2: { ...v2, is_compressed: false } }),
    },
    body: expanded,
  };
}
