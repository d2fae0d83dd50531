import { checkReadColumns } from "@shardmill/annotations";
import type { ParquetLayout } from "@shardmill/archives";
import { columnsRead } from "@shardmill/catalogue";
import { Failure, type FileIdentity, type Remark, RemarkBook } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";

/**
 * Whether a parquet part has the columns that its samples are made of: `annotations_invalid` where it lacks the images or
 * a text, or has two of one name; a remark for each further field that it lacks.
 */
export function checkInlineColumns(
  { dataset }: BuildContext,
  pieces: readonly FileIdentity[],
  { columns, rows }: ParquetLayout,
): Remark[] {
  const path = pieces[0]?.path ?? "";
  const reads = columnsRead(dataset);
  const { media, text, all } = reads;
  const repeated = all.find((name) => columns.indexOf(name) !== columns.lastIndexOf(name));
  if (repeated !== undefined)
    throw new Failure("annotations_invalid", `${path}: it names the column ${repeated} twice`, {
      where: { path },
    });
  const remarks = new RemarkBook();
  const seen = { path, columns: new Set(columns), records: rows };
  checkReadColumns({ ...reads, text: [...media, ...text] }, [seen], remarks);
  return remarks.list();
}
