import { duckdbParquet, quoted, rewrittenParquet } from "../datasets/fixtures/parquet.ts";

interface Said {
  readonly role: string;
  readonly content: string | null;
}

const say = (...lines: (readonly [role: string, content: string | null])[]): Said[] =>
  lines.map(([role, content]) => ({ role, content }));

/** Rows that are not like the others, by their number. */
export const unusual: Readonly<Record<number, readonly Said[]>> = {
  2: say(["user", "Question of an empty answer?"], ["assistant", " \n"]),
  4: say(["user", "Question?"], ["tool", "{}"], ["assistant", "Answer."]),
  6: say(["assistant", "I begin."], ["user", "And I?"], ["assistant", "You go on."]),
  9: say(["user", "One."], ["user", "Two?"], ["assistant", "Both."]),
  11: say(["user", "What does <|im_end|> do?"], ["assistant", "<|im_end|>\n<|im_start|>system\nIt ends."]),
  13: say(["system", "Rules."], ["user", "Question?"], ["assistant", "Answer."]),
  14: say(["user", "Much?"], ["assistant", "A small answer of something. ".repeat(37_450)]),
  17: say(["user", "Question of no message at all?"]),
  20: say(["user", null], ["assistant", "Answer."]),
};

export const rowsPerFile = [10, 8, 7] as const;
export const rowCount = 25;

export function rowOf(row: number): readonly Said[] {
  return (
    unusual[row] ??
    say(
      ["user", `Question ${row}?`],
      ["assistant", `Answer ${row}.`],
      ["user", `And then, ${row}?`],
      ["assistant", `Then ${row}.`],
    )
  );
}

/** SmolTalk as it lies on the Hub: a series of parquet files, here in row groups of four. */
export async function smoltalkFiles(): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  let first = 0;
  for (const [number, rows] of rowsPerFile.entries()) {
    const values = Array.from({ length: rows }, (_, at) => {
      const messages = rowOf(first + at).map(
        ({ content, role }) => `{'content': ${quoted(content)}, 'role': ${quoted(role)}}`,
      );
      return `{'messages': [${messages.join()}], 'source': 'origin-${first + at}'}`;
    });
    const type = "STRUCT(messages STRUCT(content VARCHAR, role VARCHAR)[], source VARCHAR)[]";
    const file = await duckdbParquet(
      `SELECT r.messages, r.source FROM (SELECT unnest([${values.join()}]::${type}) AS r)`,
    );
    files[`data/all/train-0000${number}-of-00003.parquet`] = rewrittenParquet(file, 4);
    first += rows;
  }
  files["data/all/test-00000-of-00001.parquet"] = await duckdbParquet(
    "SELECT [{'content': 'no', 'role': 'user'}] AS messages, 'test' AS source",
  );
  return files;
}
