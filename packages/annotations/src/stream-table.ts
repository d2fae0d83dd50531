import type { RemarkBook } from "@shardmill/core";
import { type AuditOptions, TableAudit } from "./table-audit.ts";
import type { Table, TableRow } from "./table-row.ts";
import { tableRows } from "./table-rows.ts";

export interface TableInput extends Table, AuditOptions {
  /** Told at the end of what was found: bad records, values that are not finite. */
  readonly remarks?: RemarkBook | undefined;
  /** Told at the end which columns any record had (of a parquet file, those that were read), and how many records there are. */
  readonly onEnd?:
    | ((audit: { readonly columns: ReadonlySet<string>; readonly records: number }) => void)
    | undefined;
}

/**
 * The records of a table in file order, one in memory at a time. Bad ones are among them, so that positions stay;
 * `annotations_invalid` where it is no such table, or at the end where too many are bad.
 */
export async function* streamTable(input: TableInput, signal: AbortSignal): AsyncGenerator<TableRow> {
  const audit = new TableAudit(input, input);
  for await (const row of tableRows(input, signal)) {
    audit.add(row);
    yield row;
  }
  if (input.remarks !== undefined) audit.finish(input.remarks);
  input.onEnd?.(audit);
}
