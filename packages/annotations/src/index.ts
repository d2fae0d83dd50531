export type { AnnotationIndex } from "./annotation-index.ts";
export { buildAnnotationIndex } from "./build-annotation-index.ts";
export { checkReadColumns, type ReadColumns } from "./check-read-columns.ts";
export { openAnnotationIndex } from "./open-annotation-index.ts";
export { tryDatabase } from "./open-database.ts";
export type { TableRecord, TableRow } from "./table-row.ts";
export { streamTable } from "./table-rows.ts";
export { writeParquet } from "./write-parquet.ts";
