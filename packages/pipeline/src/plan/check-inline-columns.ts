import { checkReadColumns } from "@shardmill/annotations";
import type { ParquetLayout } from "@shardmill/archives";
import { Failure, type FileIdentity, type Remark, RemarkBook } from "@shardmill/core";
import type { BuildContext } from "../build/context.ts";
import { readColumnsOf } from "../build/read-columns-of.ts";

/**
 * Whether a parquet part has the columns that its samples are made of: `annotations_invalid` where it lacks the images or
 * a text, or has two of one name; a remark for each further field that it lacks.
 */
export function checkInlineColumns(
  { dataset }: BuildContext,
  pieces: readonly FileIdentity[],
  { columns, rows }: ParquetLayout,
): Remark[] {
  const { annotations } = dataset;
  const path = pieces[0]?.path ?? "";
  const reads = readColumnsOf(dataset);
  const wanted = [...reads.text, ...Object.keys(reads.fields)];
  const images = annotations.kind === "inline" ? [annotations.images] : [];
  const repeated = [...images, ...wanted].find((name) => columns.indexOf(name) !== columns.lastIndexOf(name));
  if (repeated !== undefined)
    throw new Failure("annotations_invalid", `${path}: it names the column ${repeated} twice`, {
      where: { path },
    });
  const remarks = new RemarkBook();
  const seen = { path, columns: new Set(columns), records: rows };
  checkReadColumns({ ...reads, text: [...images, ...reads.text] }, [seen], remarks);
  return remarks.list();
}
