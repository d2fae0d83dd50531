export type { AnnotationIndex } from "./annotation-index.ts";
export { buildAnnotationIndex } from "./build-annotation-index.ts";
export { checkReadColumns, type ReadColumns } from "./check-read-columns.ts";
export { openAnnotationIndex } from "./open-annotation-index.ts";
export { streamTable } from "./stream-table.ts";
export type { TableRecord, TableRow } from "./table-row.ts";
export { tryDatabase } from "./try-database.ts";
export { writeParquet } from "./write-parquet.ts";
