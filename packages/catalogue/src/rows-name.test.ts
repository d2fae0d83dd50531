import { describe, expect, it } from "vitest";
import { shipped } from "../testing/shipped.ts";
import { rowsName } from "./index.ts";

describe("what the rows of a table are called", () => {
  const named = (paths: string[], sourceName: string, path: string): string =>
    rowsName({ parts: paths.map((of) => ({ archive: "parquet", path: of })), sourceName }, path);

  it("is the file's name, where that is of one file", () => {
    const file = "ai2d/train-00000-of-00001-2ce340398c113b79.parquet";
    expect(rowsName(shipped("the-cauldron"), file)).toBe("train-00000-of-00001-2ce340398c113b79");
    expect(named(["data.parquet"], "x", "data.parquet")).toBe("data");
    expect(named(["links/results_{part}.csv"], "x", "links/results_2M.csv")).toBe("results_2M");
  });

  it("has the folders before it, where two files can have one name", () => {
    expect(named(["{part}/data.parquet"], "x", "3/data.parquet")).toBe("3/data");
    expect(named(["{subset}/{part}.parquet"], "x", "ai2d/3.parquet")).toBe("ai2d/3");
    expect(named(["{subset}/{part}.parquet"], "x/{subset}", "ai2d/3.parquet")).toBe("3");
    expect(named(["a/{part}.parquet", "{part}/b.parquet"], "x", "a/3.parquet")).toBe("a/3");
  });
});
