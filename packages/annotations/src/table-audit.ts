import { type RemarkBook, reject } from "@shardmill/core";
import { invalidAnnotations, namesText } from "./invalid-annotations.ts";
import type { BadRecord, Table, TableRecord, TableRow } from "./table-row.ts";

/** Bad records that any file may have, and the share of larger ones. */
const leastAllowed = 10;
const allowedShare = 0.01;
/** From here on a file that is mostly bad is not read to its end. */
const hopelessAfter = 1000;
/** Records after which a field that none of them has will not come any more. */
const columnsKnownAfter = 100_000;
const shownPlaces = 5;

export interface AuditOptions {
  /** catalogue: annotations.maxBadRecords */
  readonly maxBadRecords?: number | undefined;
  /** Columns whose text should be a number, where NaN and infinities can only be words. */
  readonly numbers?: readonly string[] | undefined;
}

/** Keeps the books of one table: records, bad ones with their places, values that are not finite, columns that were seen. */
export class TableAudit {
  readonly #table: Table;
  readonly #options: AuditOptions;
  readonly #columns = new Set<string>();
  readonly #shown: string[] = [];
  #first: TableRecord | null = null;
  #records = 0;
  #bad = 0;
  #badWeight = 0;
  #notFinite = 0;
  #notFiniteAt = "";

  constructor(table: Table, options: AuditOptions) {
    this.#table = table;
    this.#options = options;
  }

  /** Throws `annotations_invalid` where there is no hope for the rest of the file. */
  add(row: TableRow): void {
    if (row.kind === "bad") this.#addBad(row);
    else this.#addRecord(row);
  }

  /** The names of all columns that any record had. */
  get columns(): ReadonlySet<string> {
    return this.#columns;
  }

  get path(): string {
    return this.#table.file.path;
  }

  get records(): number {
    return this.#records;
  }

  /** Throws `annotations_invalid` where too many records are bad or none has a required column; else tells what was found. */
  finish(remarks: RemarkBook): void {
    this.#judge(this.#allowed());
    if (this.#records === 0 && this.#bad > 0)
      throw invalidAnnotations(this.#table.file, `no record can be read; ${this.#shown[0]}`);
    this.#requireColumns();
    const { path } = this.#table.file;
    if (this.#bad > 0) {
      const more = this.#bad > this.#shown.length ? "; ..." : "";
      remarks.add("annotation_invalid", `${path}: ${this.#shown.join("; ")}${more}`, path, this.#bad);
    }
    if (this.#notFinite > 0)
      remarks.add("value_not_finite", `${path}: ${this.#notFiniteAt}`, path, this.#notFinite);
  }

  #addBad({ place, detail, weight }: BadRecord): void {
    this.#bad += 1;
    this.#badWeight += weight;
    if (this.#shown.length < shownPlaces)
      this.#shown.push(`${place}: ${reject("annotation_invalid", detail).detail}`);
    const { maxBadRecords } = this.#options;
    if (maxBadRecords !== undefined) this.#judge(maxBadRecords);
    else if (this.#badWeight >= hopelessAfter && this.#badWeight > this.#records)
      this.#judge(Math.max(leastAllowed, this.#records * allowedShare));
  }

  #addRecord(row: TableRecord): void {
    this.#records += 1;
    this.#first ??= row;
    for (const name in row.fields) if (!this.#columns.has(name)) this.#addColumn(name);
    if (this.#records === columnsKnownAfter) this.#requireColumns();
    const notFinite = row.notFinite + this.#notFiniteWords(row);
    if (notFinite === 0) return;
    if (this.#notFinite === 0) this.#notFiniteAt = row.place;
    this.#notFinite += notFinite;
  }

  /** A file whose records all have keys of their own must not fill the memory with them. */
  #addColumn(name: string): void {
    if (this.#columns.size < 10_000 || this.#table.required.includes(name)) this.#columns.add(name);
  }

  #notFiniteWords({ fields }: TableRecord): number {
    let count = 0;
    for (const name of this.#options.numbers ?? []) {
      const value = fields[name];
      if (typeof value === "string" && /^\s*[-+]?(nan|inf|infinity)\s*$/i.test(value)) count += 1;
    }
    return count;
  }

  #allowed(): number {
    const all = this.#records + this.#badWeight;
    return this.#options.maxBadRecords ?? Math.max(leastAllowed, Math.floor(all * allowedShare));
  }

  #judge(allowed: number): void {
    if (this.#badWeight <= allowed) return;
    const all = this.#records + this.#badWeight;
    throw invalidAnnotations(
      this.#table.file,
      `${this.#badWeight} of ${all} records cannot be read, and annotations.maxBadRecords allows ${Math.floor(allowed)}; ${this.#shown[0]}`,
    );
  }

  #requireColumns(): void {
    const { required, file } = this.#table;
    if (this.#first === null) return;
    const lacking = required.filter((name) => !this.#columns.has(name));
    if (lacking.length === 0) return;
    const found = namesText(Object.keys(this.#first.fields));
    throw invalidAnnotations(
      file,
      `no record has the field ${lacking.join(", ")}; the first one has ${found}`,
    );
  }
}
