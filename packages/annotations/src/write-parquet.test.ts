import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tryDatabase } from "./open-database.ts";
import { writeParquet } from "./write-parquet.ts";

const never = new AbortController().signal;
const columns = { name: "text", size: "integer" } as const;
let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "shardmill-parquet-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* rows(count: number, afterFirst: () => void = () => undefined) {
  for (let i = 0; i < count; i += 1) {
    yield { name: i % 2 === 0 ? `it's "${i}"` : null, size: i };
    afterFirst();
  }
}

describe("a table as a parquet file", () => {
  it("is written whole, with nothing left beside it", async () => {
    const count = await writeParquet({ columns, rows: rows(45_000) }, join(folder, "it's.parquet"), never);
    expect(count).toBe(45_000);
    expect(await readdir(folder)).toEqual(["it's.parquet"]);
    const bytes = await readFile(join(folder, "it's.parquet"));
    expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(["PAR1", "PAR1"]);
  });

  it("is not there at all when it was stopped", async () => {
    const stop = new AbortController();
    const writing = writeParquet(
      { columns, rows: rows(10, () => stop.abort(new Error("stopped"))) },
      join(folder, "table.parquet"),
      stop.signal,
    );
    await expect(writing).rejects.toThrow("stopped");
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("the trial of the database", () => {
  it("tells its version", async () => {
    expect(await tryDatabase()).toMatch(/^v\d/);
  });
});
