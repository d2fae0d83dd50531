import { readParquetLayout } from "@shardmill/archives";
import { Failure, type PartId, partLabel, rowsAsked } from "@shardmill/core";
import { keptOf, type SourceView } from "../context/file-content.ts";
import { openPart } from "../context/part-source.ts";

/** Rows of one part's file, [first, end). */
export interface RowSpan {
  readonly first: number;
  readonly end: number;
}

/**
 * The rows that recipe.rows asks of a part, which counts those of all parquet files of a subset (of the dataset, where it has
 * none) one after the other, in the order of the parts. Null: all of them.
 */
export async function rowsAskedOf(
  view: SourceView,
  id: PartId,
  signal: AbortSignal,
): Promise<RowSpan | null> {
  const asked = rowsAsked(view.build.recipe);
  if (asked === null) return null;
  let before = 0;
  for (const { part, rows } of await rowCounts(view, id.subset, signal)) {
    if (part === id.part)
      return { first: clamp(asked.first - before, rows), end: clamp(asked.last + 1 - before, rows) };
    before += rows;
  }
  // Behind the last row that is asked for.
  return { first: 0, end: 0 };
}

function clamp(row: number, rows: number): number {
  return Math.max(0, Math.min(row, rows));
}

/** The parts that have the rows which are asked for, and those before them, with as many rows as each has. */
export async function rowCounts(
  view: SourceView,
  subset: string | null,
  signal: AbortSignal,
): Promise<{ readonly part: number; readonly rows: number }[]> {
  const asked = rowsAsked(view.build.recipe);
  const own = view.build.parts.filter((part) => part.subset === subset).sort((a, b) => a.part - b.part);
  const counts: { part: number; rows: number }[] = [];
  let seen = 0;
  for (const { part, absent, pieces } of own) {
    if (asked === null || seen > asked.last) break;
    if (absent !== null)
      throw new Failure(
        "part_absent",
        `${partLabel({ subset, part })} is absent, so that nobody knows which rows come behind it`,
        {
          where: { part: partLabel({ subset, part }) },
        },
      );
    const rows = Number(
      await keptOf(view, "rows", pieces, async () => {
        const layout = await readParquetLayout(openPart(view, pieces), signal, []);
        return String(layout.rows);
      }),
    );
    counts.push({ part, rows });
    seen += rows;
  }
  return counts;
}
