import type { PageHeader } from "hyparquet";
import { decompressPage } from "hyparquet/src/datapage.js";
import type { ColumnDecoder } from "hyparquet/src/types.js";

export interface ExpandedPage {
  readonly header: PageHeader;
  readonly body: Uint8Array;
}

/** A page and its header as they would be without compression, so that the page can be looked at before it is decoded. */
export function expandPage(header: PageHeader, body: Uint8Array, decoder: ColumnDecoder): ExpandedPage {
  const v2 = header.data_page_header_v2;
  const levelBytes =
    v2 === undefined ? 0 : v2.repetition_levels_byte_length + v2.definition_levels_byte_length;
  if (levelBytes < 0 || levelBytes > body.length)
    throw new Error(`${levelBytes} bytes of levels in ${body.length}`);
  if (decoder.codec === "UNCOMPRESSED" || v2?.is_compressed === false) return { header, body };
  const values = decompressPage(
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
