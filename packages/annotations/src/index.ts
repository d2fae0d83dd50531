export type { AnnotationIndex, AnnotationQuery, IndexedRecord, Matched } from "./annotation-index.ts";
export {
  type AnnotationFileInput,
  type BuildIndexInput,
  buildAnnotationIndex,
} from "./build-annotation-index.ts";
export { checkReadColumns, type ReadColumns } from "./check-read-columns.ts";
export { openAnnotationIndex } from "./open-annotation-index.ts";
export { streamTable, type TableInput } from "./stream-table.ts";
export type { BadRecord, Table, TableRecord, TableRow } from "./table-row.ts";
export { tryDatabase } from "./try-database.ts";
export { type ColumnKind, writeParquet } from "./write-parquet.ts";
