// `recipe.rows` count over all files of a dataset: where one of them has become shorter, a run holds other rows.
import { afterAll, beforeAll, expect, it } from "vitest";
import { duckdbParquet } from "../datasets/fixtures/parquet.ts";
import type { Ended } from "../support/shardmill.ts";
import { TextHouse } from "./text-house.ts";

/** Rows of a SmolTalk file, of which two are no conversations. */
const talk = (file: number, rows: number) =>
  duckdbParquet(`
  SELECT CASE
    WHEN i = 5 THEN [{'content': 'q', 'role': 'user'}, {'content': ' ', 'role': 'assistant'}]
    WHEN i = 6 THEN [{'content': 'q', 'role': 'user'}, {'content': 'call()', 'role': 'tool'}]
    ELSE [{'content': 'Question ' || i || ' of file ${file}', 'role': 'user'}, {'content': 'Answer ' || i, 'role': 'assistant'}]
    END AS messages, 'part-' || (i % 2) AS source FROM range(${rows}) t(i)`);
const path = (file: number): string => `data/all/train-0000${file}-of-00003.parquet`;

let house: TextHouse;
beforeAll(async () => {
  const files = await Promise.all([40, 25, 35].map((rows, file) => talk(file, rows)));
  house = await TextHouse.open(Object.fromEntries(files.map((bytes, file) => [path(file), bytes])));
});
afterAll(() => house.close());

const ended = ({ code, stdout, stderr }: Ended, wanted: number): void =>
  expect(code, stderr + stdout).toBe(wanted);
const asked = (): unknown[] => house.samples("moved").map(({ json }) => json.user);

it("rows that moved are stale, and are made again from what the files have now", async () => {
  const build = () => house.build("smoltalk", ["--as", "moved", "--set", "recipe.rows=35-44"]);
  ended(await build(), 0);
  const before = asked();
  await house.write({ [path(0)]: await talk(0, 38) });
  const again = await build();
  expect([again.code, again.stdout]).toEqual([1, expect.stringContaining("stale")]);
  ended(await house.run("retry", "moved", "--stale", "--out", house.out()), 1);
  expect(before).toHaveLength(10);
  expect(before[0]).toBe("Question 35 of file 0");
  // Three rows of the first file are left, and of the second the first seven, of which two are no conversations.
  const after = asked();
  expect(after.slice(0, 4)).toEqual([
    ...["Question 35 of file 0", "Question 36 of file 0", "Question 37 of file 0"],
    "Question 0 of file 1",
  ]);
  expect(after).toHaveLength(8);
});
