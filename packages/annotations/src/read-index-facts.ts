import { isCode, type Remark } from "@shardmill/core";
import { type Rung, rungColumns } from "./index-schema.ts";
import type { Database } from "./open-database.ts";

/** What an index says about itself. */
export interface IndexFacts {
  readonly ladder: readonly Rung[];
  readonly takesFirst: boolean;
  readonly count: number;
  readonly duplicates: number;
  readonly remarks: readonly Remark[];
}

export async function readIndexFacts(database: Database): Promise<IndexFacts> {
  const connection = await database.connect();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT match, duplicates, (SELECT count(*) FROM raw)::DOUBLE, (SELECT count(media) FROM raw)::DOUBLE,
         (SELECT count(*) FROM media)::DOUBLE FROM meta`,
    );
    const [match, duplicates, count, named, media] = reader.getRowsJson()[0] ?? [];
    const found = await connection.runAndReadAll("SELECT code, detail, times::DOUBLE FROM remark");
    const takesFirst = duplicates === "first";
    return {
      ladder: String(match)
        .split(",")
        .filter((word): word is Rung => Object.hasOwn(rungColumns, word)),
      takesFirst,
      count: Number(count),
      duplicates: takesFirst ? Number(named) - Number(media) : 0,
      remarks: found.getRowsJson().flatMap(([code, detail, times]) => {
        const known = String(code);
        return isCode(known) ? [{ code: known, detail: String(detail), count: Number(times) }] : [];
      }),
    };
  } finally {
    connection.closeSync();
  }
}
