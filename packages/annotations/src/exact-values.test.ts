import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, it } from "vitest";
import { failureOf, indexWorkshop, signal, type TestFile } from "../testing/index-workshop.ts";

const shop = indexWorkshop();

async function parquetOf(query: string): Promise<TestFile> {
  const path = join(shop.dir, "..", `${process.pid}-exact.parquet`);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const bytes = await readFile(path);
  return { text: bytes, format: "parquet", path: "t.parquet", chunkBytes: 1 << 16 };
}

async function fieldsOf(file: TestFile, name: string): Promise<unknown> {
  const index = await shop.indexOf({ match: ["exact", "stem"] }, file);
  const [answer] = await index.lookup([{ subset: null, name }], signal);
  return answer === "ambiguous" ? answer : answer?.map(({ fields }) => fields);
}

const ids = ["7352910847997496619", "9007199254740993", "18446744073709551616", "-42", `1${"0".repeat(29)}7`];

describe("whole numbers", () => {
  it.each(["json", "jsonl"] as const)(
    "come through %s to the digit, as keys and as values",
    async (format) => {
      const records = ids.map((id) => `{"video": ${id}, "n": [${id}], "caption": "${id}"}`);
      const text = format === "json" ? `[${records.join()}]` : records.join("\n");
      for (const id of ids) {
        const value = id === "-42" ? -42 : BigInt(id);
        expect(await fieldsOf({ text, format }, `${id}.mp4`)).toEqual([
          { video: value, n: [value], caption: id },
        ]);
        shop.closeAll();
      }
    },
  );

  it("of a CSV stay the text that they are", async () => {
    const text = `video,n\n007,${ids[0]}\n${ids[1]},1.0\n`;
    expect(await fieldsOf({ text }, "007.mp4")).toEqual([{ video: "007", n: ids[0] }]);
    expect(await fieldsOf({ text }, "7.mp4")).toEqual([]);
    expect(await fieldsOf({ text }, `${ids[1]}.mp4`)).toEqual([{ video: ids[1], n: "1.0" }]);
  });

  it("come through parquet to the digit, whatever their type", async () => {
    const file = await parquetOf(
      `SELECT 7352910847997496619::BIGINT AS video, 18446744073709551615::UBIGINT AS u, -5::TINYINT AS t,
         12345678901234567890123456789::DECIMAL(38,0) AS d, 12.30::DECIMAL(9,2) AS price, -0.05::DECIMAL(4,2) AS low,
         1234567890123456.789::DECIMAL(30,3) AS exact, [7352910847997496619, NULL] AS list,
         DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 10:20:30.123456' AS moment, 'x'::ENUM('x', 'y') AS kind`,
    );
    expect(await fieldsOf(file, "7352910847997496619.mp4")).toEqual([
      {
        video: 7352910847997496619n,
        u: 18446744073709551615n,
        t: -5,
        d: 12345678901234567890123456789n,
        price: 12.3,
        low: -0.05,
        exact: "1234567890123456.789",
        list: [7352910847997496619n, null],
        day: "2024-02-29",
        moment: "2024-02-29T10:20:30.123456Z",
        kind: "x",
      },
    ]);
  });
});

describe("values that are not finite", () => {
  it.each(["json", "jsonl"] as const)("of %s are null and counted", async (format) => {
    const records = [
      '{"video":"a","n":NaN,"m":[Infinity,1]}',
      '{"video":"b","n":-Infinity}',
      '{"video":"NaN","n":1e400}',
    ];
    const text = format === "json" ? `[${records.join()}]` : records.join("\n");
    const index = await shop.indexOf({}, { text, format, path: "x" });
    const answers = await index.lookup(
      ["a", "b", "NaN"].map((name) => ({ subset: null, name })),
      signal,
    );
    expect(answers.map((answer) => answer !== "ambiguous" && answer[0]?.fields)).toEqual([
      { video: "a", n: null, m: [null, 1] },
      { video: "b", n: null },
      { video: "NaN", n: null },
    ]);
    const place = format === "json" ? "record 1" : "line 1";
    expect(index.remarks).toEqual([{ code: "value_not_finite", detail: `x: ${place}`, count: 4 }]);
  });

  it("of parquet are null and counted", async () => {
    const file = await parquetOf(
      `SELECT i::VARCHAR AS video, CASE i WHEN 1 THEN 'NaN'::DOUBLE WHEN 2 THEN '-inf'::FLOAT ELSE i END AS n FROM range(4) t(i)`,
    );
    const index = await shop.indexOf({}, file);
    expect(index.remarks).toEqual([{ code: "value_not_finite", detail: "t.parquet: row 1", count: 2 }]);
    const [answer] = await index.lookup([{ subset: null, name: "1" }], signal);
    expect(answer).toEqual([{ set: "records", fields: { video: "1", n: null } }]);
  });

  it("of a CSV are counted where a number is wanted", async () => {
    const reads = {
      text: [],
      optional: [],
      fields: { score: "float", name: "string" },
      all: ["score", "name"],
    } as const;
    const index = await shop.indexReading(
      reads,
      {},
      { text: "video,score,name\na,nan,nan\nb,-Inf,x\nc,1,Infinity\n" },
    );
    expect(index.remarks).toEqual([{ code: "value_not_finite", detail: "x.csv: line 2", count: 2 }]);
  });
});

describe("names of columns", () => {
  it("that differ only in case are two columns, in every format", async () => {
    const fields = { video: "a", Caption: "big", caption: "small", CAPTION: "huge" };
    const [names, values] = [Object.keys(fields), Object.values(fields)];
    expect(await fieldsOf({ text: `${names}\n${values}\n` }, "a")).toEqual([fields]);
    expect(await fieldsOf({ text: JSON.stringify([fields]), format: "json" }, "a")).toEqual([fields]);
  });

  it("that are the same are refused", async () => {
    const failure = await failureOf(shop.indexOf({}, { text: "video,caption,caption\na,b,c\n" }));
    expect(failure.message).toBe("x.csv: it names the column caption twice");
  });
});
