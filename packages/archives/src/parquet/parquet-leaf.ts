import type { ByteSource } from "@shardmill/core";
import type { DecodedArray, PageHeader } from "hyparquet";
import type { ByteCursor } from "../bytes/byte-cursor.ts";
import { SnappyStream } from "../bytes/snappy-stream.ts";
import { checkPageRuns } from "./check-page-runs.ts";
import { expandPage, valuelessHeader } from "./expand-page.ts";
import {
  type ColumnDecoder,
  convert,
  getMaxRepetitionLevel,
  parquetHeader,
  readPage,
} from "./hyparquet-internals.ts";
import { largePageBytes } from "./parquet-codecs.ts";
import { decoding, parquetMalformed } from "./parquet-failure.ts";
import { isPlainPage, type PagePart, splitPlainPage } from "./split-plain-page.ts";

const maxHeaderBytes = 16 * 1024 * 1024;
const maxPageValues = 1 << 24;
/** From here on a page's expansion must be plausible. */
const suspiciousBytes = 256 * 1024 * 1024;
const suspiciousRatio = 200;

export interface LeafPlace {
  readonly source: ByteSource;
  readonly decoder: ColumnDecoder;
  /** Positioned at the chunk's first page; gives the chunk's bytes and no more. */
  readonly cursor: ByteCursor;
  /** Row, within its group, that the first data page begins with. */
  readonly firstRow: number;
}

/** A page as it lies in the file, and how its values are read. */
interface PackedPage {
  readonly header: PageHeader;
  readonly body: Uint8Array;
  readonly decoder: ColumnDecoder;
  readonly dictionary: DecodedArray | undefined;
}

/** Of pages that are unpacked already. */
function plain(decoder: ColumnDecoder): ColumnDecoder {
  return { ...decoder, codec: "UNCOMPRESSED" };
}

/**
 * One physical column of one row group, decoded page by page into rows. Where rows are lists, a row may go on in the next
 * page: the last row of a page is held back until that is known.
 */
export class ParquetLeaf {
  readonly #place: LeafPlace;
  readonly #isRepeated: boolean;
  #dictionary: DecodedArray | undefined = undefined;
  #rows: unknown[] = [];
  #held: unknown[] = [];
  /** Row, within the group, of the first one in #rows. */
  #start: number;
  #ended = false;
  /** What is left of a page that is decoded part by part. */
  #parts: AsyncIterator<PagePart> | null = null;

  constructor(place: LeafPlace) {
    this.#place = place;
    this.#isRepeated = getMaxRepetitionLevel(place.decoder.schemaPath) > 0;
    this.#start = place.firstRow;
  }

  get name(): string {
    return this.#place.decoder.pathInSchema.join(".");
  }

  /** The row after the last one that is decoded. */
  get end(): number {
    return this.#start + this.#rows.length;
  }

  /** Decodes until `row` is there. Pages that end before it are passed over where their headers allow. */
  async reach(row: number): Promise<void> {
    this.#discard(row);
    while (this.end <= row && !this.#ended) {
      await this.#page(row);
      this.#discard(row);
    }
    if (this.end <= row)
      throw parquetMalformed(this.#place.source, `column ${this.name} ends at row ${this.end}`);
  }

  /** So many rows from the first one on. */
  take(rows: number): unknown[] {
    this.#start += rows;
    return this.#rows.splice(0, rows);
  }

  /** The group is used up: there must be no further row. */
  async finish(groupRows: number): Promise<void> {
    while (!this.#ended && this.end <= groupRows) await this.#page(groupRows);
    if (this.end !== groupRows)
      throw parquetMalformed(
        this.#place.source,
        `column ${this.name} has rows beyond the group's ${groupRows}`,
      );
  }

  close(): Promise<void> {
    return this.#place.cursor.close();
  }

  #discard(row: number): void {
    const passed = Math.min(row - this.#start, this.#rows.length);
    if (passed > 0) this.take(passed);
  }

  /** Reads one page, whatever its kind, or the next part of a large one. */
  async #page(row: number): Promise<void> {
    if (this.#parts !== null) return this.#part(this.#parts, row);
    const header = await this.#header();
    if (header === null) {
      this.#ended = true;
      this.#flush();
      return;
    }
    const { source, cursor, decoder } = this.#place;
    this.#check(header);
    if (this.#isLargeSnappy(header)) return this.#largeSnappy(header, row);
    const body = await cursor.take(header.compressed_page_size);
    if (body.length < header.compressed_page_size)
      throw parquetMalformed(source, `a page of ${this.name} is cut off`);
    decoding(source, `a page of ${this.name} cannot be decoded`, () =>
      this.#decode({ header, body, decoder, dictionary: this.#dictionary }, row),
    );
  }

  #isLargeSnappy(header: PageHeader): boolean {
    const isSnappy = this.#place.decoder.codec === "SNAPPY" && header.data_page_header_v2 === undefined;
    return isSnappy && header.uncompressed_page_size > largePageBytes;
  }

  /** Decompressed as it comes, so that a page as large as its group is in memory once. */
  async #largeSnappy(header: PageHeader, row: number): Promise<void> {
    const { source, cursor, decoder } = this.#place;
    if (isPlainPage(header, decoder)) {
      this.#parts = splitPlainPage(source, { header, decoder }, cursor.section(header.compressed_page_size));
      return;
    }
    const what = `a page of ${this.name} cannot be decompressed`;
    const stream = new SnappyStream(header.uncompressed_page_size);
    for await (const chunk of cursor.section(header.compressed_page_size))
      decoding(source, what, () => stream.push(chunk));
    const body = decoding(source, what, () => stream.finish());
    const expanded = { ...header, compressed_page_size: body.length };
    const page = { header: expanded, body, decoder: plain(decoder), dictionary: this.#dictionary };
    decoding(source, `a page of ${this.name} cannot be decoded`, () => this.#decode(page, row));
  }

  async #part(parts: AsyncIterator<PagePart>, row: number): Promise<void> {
    const part = await parts.next();
    if (part.done === true) {
      this.#parts = null;
      return;
    }
    const { source, decoder } = this.#place;
    const { header, body, values } = part.value;
    decoding(source, `a page of ${this.name} cannot be decoded`, () => {
      const dictionary = convert(values, decoder);
      this.#decode({ header, body, decoder: plain(decoder), dictionary }, row);
    });
  }

  /** A page header's length is known only once it is parsed: more is looked at until it parses. */
  async #header(): Promise<PageHeader | null> {
    const { cursor, source } = this.#place;
    for (let want = 256; ; want *= 4) {
      const bytes = await cursor.peek(want);
      if (bytes.length === 0) return null;
      const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
      try {
        const header = parquetHeader(reader);
        await cursor.skip(reader.offset);
        return header;
      } catch (error) {
        if (bytes.length < want || want > maxHeaderBytes)
          throw parquetMalformed(source, `a page header of ${this.name} cannot be read`, error);
      }
    }
  }

  /** What follows allocates by these figures. */
  #check(header: PageHeader): void {
    const { compressed_page_size: compressed, uncompressed_page_size: size } = header;
    const values = header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header;
    const isSane =
      compressed >= 0 &&
      size >= 0 &&
      (size <= suspiciousBytes || size <= suspiciousRatio * compressed) &&
      (values === undefined || (values.num_values >= 0 && values.num_values <= maxPageValues));
    if (!isSane)
      throw parquetMalformed(
        this.#place.source,
        `a page of ${this.name} states ${values?.num_values} values in ${compressed} bytes for ${size}`,
      );
  }

  #decode(
    { header: packed, body: packedBody, decoder: compressed, dictionary }: PackedPage,
    row: number,
  ): void {
    if (this.#passOver(packed, row)) return;
    const expanded = expandPage(packed, packedBody, compressed);
    const decoder = plain(compressed);
    checkPageRuns(expanded.body, expanded.header, decoder);
    const { body } = expanded;
    const header = valuelessHeader(expanded, decoder);
    const reader = { view: new DataView(body.buffer, body.byteOffset, body.length), offset: 0 };
    if (header.type === "DICTIONARY_PAGE") {
      const { data } = readPage(reader, header, decoder, undefined, undefined, 0);
      if (data !== undefined) this.#dictionary = convert(data, decoder);
      return;
    }
    const values = header.data_page_header ?? header.data_page_header_v2;
    if (values?.num_values === 0) return;
    const held = this.#isRepeated ? this.#held : undefined;
    const { data } = readPage(reader, header, decoder, dictionary, held, 0);
    for (const value of data ?? []) this.#rows.push(value);
    if (this.#isRepeated) this.#held = this.#rows.splice(-1, 1);
  }

  /** True when the page need not be decoded: it is an index, or all its rows lie before the wanted one. */
  #passOver(header: PageHeader, row: number): boolean {
    if (header.type === "INDEX_PAGE") return true;
    // A page of the second version begins with a row of its own.
    if (header.type === "DATA_PAGE_V2") this.#flush();
    const flatValues = this.#isRepeated ? undefined : header.data_page_header?.num_values;
    const pageRows = header.data_page_header_v2?.num_rows ?? flatValues;
    if (pageRows === undefined || pageRows < 0 || this.end + pageRows > row) return false;
    this.#start = this.end + pageRows;
    this.#rows = [];
    return true;
  }

  #flush(): void {
    this.#rows.push(...this.#held);
    this.#held = [];
  }
}
