import type { ByteSource, FileIdentity, Recipe } from "@shardmill/core";
import { defaultRecipe, Failure } from "@shardmill/core";
import { beforeAll, describe, expect, it } from "vitest";
import { duckdbParquet } from "../../../archives/testing/parquet-writers.ts";
import { aBuildRecord, aDataset, aListedPart } from "../../../core/testing/records.ts";
import type { SourceView } from "../context/file-content.ts";
import { annotationIdentityOf } from "./annotation-identity.ts";
import { rowCounts, rowsAskedOf, rowsRemark } from "./rows-asked.ts";

const never = new AbortController().signal;
/** Files of so many rows. */
const files = new Map<number, Buffer>();

beforeAll(async () => {
  for (const rows of [0, 3, 4, 5, 7])
    files.set(rows, await duckdbParquet(`SELECT range AS n FROM range(${rows})`, "COMPRESSION snappy"));
});

interface File {
  readonly part: number;
  /** Null for a part that is absent. */
  readonly rows: number | null;
  readonly subset?: string;
}

const pathOf = ({ subset = "", part }: File): string => `${subset}${part}.parquet`;

/** A build of these files, as its source shows them; `read` has the paths of those that were opened. */
function viewOf(listed: readonly File[], rows: Recipe["rows"]) {
  const read: string[] = [];
  const bytesOf = (path: string): Buffer => {
    const file = listed.find((one) => pathOf(one) === path);
    return files.get(file?.rows ?? -1) ?? Buffer.of();
  };
  const identity = (file: File): FileIdentity => {
    const path = pathOf(file);
    return { path, sizeBytes: bytesOf(path).length, sha256: null, oid: null };
  };
  const build = aBuildRecord({
    dataset: aDataset({ media: "none", annotations: { kind: "inline" } }),
    recipe: rows === undefined ? defaultRecipe : { ...defaultRecipe, rows },
    parts: listed.map((file) =>
      aListedPart({
        subset: file.subset ?? null,
        part: file.part,
        archive: "parquet",
        ...(file.rows === null
          ? { absent: { code: "part_absent" as const, reason: "no file" } }
          : { pieces: [identity(file)] }),
      }),
    ),
  });
  const source: SourceView["source"] = {
    name: "memory",
    revision: null,
    list: async function* (this: void) {},
    open: ({ path, sizeBytes }): ByteSource => ({
      name: path,
      sizeBytes,
      async *read({ start, end }) {
        if (!read.includes(path)) read.push(path);
        yield bytesOf(path).subarray(start, end);
      },
    }),
  };
  const view: SourceView & { dataset: typeof build.dataset } = {
    build,
    source,
    dataset: build.dataset,
    records: undefined as never,
  };
  return { view, read };
}

/** Of each part the rows asked for, `first-end`. */
async function spans(listed: readonly File[], rows: Recipe["rows"]): Promise<string[]> {
  const { view } = viewOf(listed, rows);
  const found = await Promise.all(
    listed.map(({ subset = null, part }) => rowsAskedOf(view, { subset, part }, never)),
  );
  return found.map((span) => (span === null ? "all" : `${span.first}-${span.end}`));
}

const three = [3, 4, 5].map((rows, part) => ({ part, rows }));

describe("rows that are counted through a dataset's files", () => {
  it.each<[string, Recipe["rows"], string[]]>([
    ["all, where none are named", undefined, ["all", "all", "all"]],
    ["of the first", "0-2", ["0-3", "0-0", "0-0"]],
    ["over a border", "2-3", ["2-3", "0-1", "0-0"]],
    ["from the middle of one to that of another", "1-8", ["1-3", "0-4", "0-2"]],
    ["of the last", "7-11", ["3-3", "4-4", "0-5"]],
    ["that go behind the end", "11-999", ["3-3", "4-4", "4-5"]],
  ])("are these: %s", async (_, rows, expected) => {
    expect(await spans(three, rows)).toEqual(expected);
  });

  it("that all lie behind the end are a mistake, in each part", async () => {
    for (const rows of ["12-20", "999-1000"] as const)
      await expect(spans(three, rows)).rejects.toMatchObject({ code: "wrong_use" });
    await expect(spans([{ part: 0, rows: 0 }], "0-4")).rejects.toThrow(
      /begins at row 0, and the dataset has 0/,
    );
  });

  it("are counted in the order of the parts, whatever that of the listing, and over empty files", async () => {
    const listed = [
      { part: 10, rows: 5 },
      { part: 2, rows: 0 },
      { part: 1, rows: 3 },
    ];
    expect(await spans(listed, "2-3")).toEqual(["0-1", "0-0", "2-3"]);
  });

  it("are counted for each subset by itself", async () => {
    const listed = [
      { subset: "a", part: 0, rows: 3 },
      { subset: "b", part: 0, rows: 4 },
      { subset: "a", part: 1, rows: 5 },
    ];
    expect(await spans(listed, "3-5")).toEqual(["3-3", "3-4", "0-3"]);
  });

  it("of disjoint runs are together every row once", async () => {
    const runs = await Promise.all(["0-4", "5-5", "6-11"].map((rows) => spans(three, rows)));
    const seen = runs.flatMap((run) =>
      run.flatMap((span, part) => {
        const [first = 0, end = 0] = span.split("-").map(Number);
        return Array.from({ length: end - first }, (_, at) => `${part}:${first + at}`);
      }),
    );
    expect(seen.length).toBe(12);
    expect(new Set(seen).size).toBe(12);
  });
});

describe("rows that end behind the last one", () => {
  const asked = async (rows: string, part: number, subset: string | null = null) => {
    const { view } = viewOf(subset === null ? three : [...three, { subset, part: 0, rows: 7 }], rows);
    return rowsRemark({ rows }, await rowsAskedOf(view, { subset, part }, never));
  };
  const all = three.reduce((sum, { rows }) => sum + (rows ?? 0), 0);

  it("are told once, of the part with the last one, with how many are lacking", async () => {
    expect(await asked(`0-${all + 4}`, 0)).toEqual([]);
    expect(await asked(`0-${all + 4}`, 2)).toEqual([
      {
        ...{ code: "rows_lacking", count: 5 },
        detail: `recipe.rows is 0-${all + 4}, and there are ${all} rows (0-${all - 1})`,
      },
    ]);
    expect(await asked(`0-${all - 1}`, 2)).toEqual([]);
  });

  it("are told of a subset that is smaller", async () => {
    expect(await asked("3-9", 0, "b")).toMatchObject([{ code: "rows_lacking", count: 3 }]);
  });
});

describe("a part that is absent", () => {
  const second = [three[0]!, { part: 1, rows: null }, three[2]!];

  it("before the rows leaves nobody knowing where they are", async () => {
    const { view } = viewOf(second, "3-4");
    for (const part of [0, 1, 2]) {
      const error = await rowsAskedOf(view, { subset: null, part }, never).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ code: "part_absent", where: { part: "p0001" } });
    }
  });

  it("behind them matters to nobody", async () => {
    const { view, read } = viewOf(second, "0-2");
    expect(await rowsAskedOf(view, { subset: null, part: 0 }, never)).toEqual({ first: 0, end: 3 });
    expect(await rowCounts(view, null, never)).toEqual([{ part: 0, rows: 3 }]);
    expect(read).toEqual(["0.parquet"]);
  });

  it("of another subset does not either", async () => {
    const { view } = viewOf([...second, { subset: "b", part: 0, rows: 7 }], "3-4");
    expect(await rowsAskedOf(view, { subset: "b", part: 0 }, never)).toEqual({ first: 3, end: 5 });
  });
});

describe("what identifies some rows", () => {
  const idOf = async (listed: readonly File[], rows: Recipe["rows"]) => {
    const { view } = viewOf(listed, rows);
    return (await annotationIdentityOf(view, null, never)).id;
  };
  const grown = (part: number) => three.map((file) => (file.part === part ? { part, rows: 7 } : file));

  it("is another where a file before them, or one of theirs, has grown", async () => {
    const before = await idOf(three, "4-5");
    expect(await idOf(grown(0), "4-5")).not.toBe(before);
    expect(await idOf(grown(1), "4-5")).not.toBe(before);
  });

  it("is the same where one behind them has, or has come", async () => {
    const before = await idOf(three, "4-5");
    expect(await idOf(grown(2), "4-5")).toBe(before);
    expect(await idOf([...three, { part: 3, rows: 7 }], "4-5")).toBe(before);
  });

  it("is another for other rows, and says nothing of files where all are taken", async () => {
    expect(await idOf(three, "4-6")).not.toBe(await idOf(three, "4-5"));
    expect(await idOf(three, undefined)).toBe(await idOf(grown(0), undefined));
  });
});
