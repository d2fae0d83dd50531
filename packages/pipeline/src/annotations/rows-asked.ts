import { readParquetLayout } from "@shardmill/archives";
import { Failure, type PartId, partLabel, type Recipe, type Remark, rowsAsked } from "@shardmill/core";
import { keptOf, type SourceView } from "../context/file-content.ts";
import { openPart } from "../context/part-source.ts";

/** Rows of one part's file, [first, end). */
export interface RowSpan {
  readonly first: number;
  readonly end: number;
  /** Of the part with the last row of all, where more rows are asked for than there are: how many there are. */
  readonly all?: number;
}

/**
 * The rows that recipe.rows asks of a part, which counts those of all parquet files of a subset (of the dataset, where it has
 * none) one after the other, in the order of the parts. Null: all of them. Throws where they begin behind the last one of a dataset.
 */
export async function rowsAskedOf(
  view: SourceView,
  id: PartId,
  signal: AbortSignal,
): Promise<RowSpan | null> {
  const asked = rowsAsked(view.build.recipe);
  if (asked === null) return null;
  const counts = await rowCounts(view, id.subset, signal);
  const all = counts.reduce((sum, { rows }) => sum + rows, 0);
  // One subset of many may be smaller than where they begin.
  if (id.subset === null && all <= asked.first) throw beyondTheEnd(id, asked.first, all);
  let before = 0;
  for (const { part, rows } of counts) {
    if (part === id.part) {
      const span = { first: clamp(asked.first - before, rows), end: clamp(asked.last + 1 - before, rows) };
      return before + rows === all && asked.last >= all ? { ...span, all } : span;
    }
    before += rows;
  }
  // Behind the last row that is asked for.
  return { first: 0, end: 0 };
}

/** What a person should know who asked for more rows than there are. */
export function rowsRemark(recipe: Pick<Recipe, "rows">, span: RowSpan | null): Remark[] {
  const asked = rowsAsked(recipe);
  if (span?.all === undefined || asked === null) return [];
  const detail = `recipe.rows is ${recipe.rows}, and there are ${span.all} rows (0-${span.all - 1})`;
  return [{ code: "rows_lacking", detail, count: asked.last + 1 - span.all }];
}

/** Nothing made of nothing would look like a set that is done. */
function beyondTheEnd(id: PartId, first: number, all: number): Failure {
  return new Failure(
    "wrong_use",
    `recipe.rows begins at row ${first}, and the dataset has ${all}, counted from 0; give other rows`,
    { where: { part: partLabel(id) } },
  );
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
