import { describe, expect, it } from "vitest";
import { planParquetGroup } from "./plan-parquet-group.ts";

type Group = Parameters<typeof planParquetGroup>[0];

const mebibyte = 1024 * 1024;

interface Chunk {
  readonly path: readonly string[];
  readonly start: number;
  readonly bytes: number;
  /** A dictionary page of this length in front of the data. */
  readonly dictionary?: number;
  readonly offsetIndex?: readonly [number, number];
}

/** A row group as a footer has it, of these column chunks. */
function groupOf(...chunks: readonly Chunk[]): Group {
  return {
    num_rows: 10n,
    total_byte_size: 0n,
    columns: chunks.map(({ path, start, bytes, dictionary, offsetIndex }) => ({
      file_offset: 0n,
      ...(offsetIndex === undefined
        ? {}
        : { offset_index_offset: BigInt(offsetIndex[0]), offset_index_length: offsetIndex[1] }),
      meta_data: {
        path_in_schema: [...path],
        data_page_offset: BigInt(start + (dictionary ?? 0)),
        ...(dictionary === undefined ? {} : { dictionary_page_offset: BigInt(start) }),
        total_compressed_size: BigInt(bytes),
      },
    })),
  } as unknown as Group;
}

/** Chunks of these columns and sizes, one behind the other from byte 4 on. */
function behindEachOther(...sizes: readonly (readonly [string, number])[]): Group {
  let at = 4;
  return groupOf(
    ...sizes.map(([name, bytes]) => {
      const start = at;
      at += bytes;
      return { path: [name], start, bytes };
    }),
  );
}

/** The plan as the requests that it costs. */
function requestsOf(group: Group, ...columns: readonly string[]): { fetched: string[]; streamed: string[] } {
  const { fetched, streamed } = planParquetGroup(group, new Set(columns));
  const name = ({ meta }: { meta: { path_in_schema: readonly string[] } }) => meta.path_in_schema.join(".");
  return {
    fetched: fetched.map(({ start, end, chunks }) => `${start}-${end}: ${chunks.map(name).join()}`),
    streamed: streamed.map((chunk) => `${chunk.start}-${chunk.end}: ${name(chunk)}`),
  };
}

describe("a row group is read", () => {
  it("in one request where the wanted columns lie side by side", () => {
    const group = behindEachOther(["images", 5_000], ["texts", 300], ["id", 100]);
    expect(requestsOf(group, "images", "texts", "id")).toEqual({
      fetched: ["4-5404: images,texts,id"],
      streamed: [],
    });
  });

  it("over a column that nobody wants where that costs less than another request", () => {
    const near = behindEachOther(["images", 1_000], ["unread", 64 * 1024], ["texts", 10]);
    expect(requestsOf(near, "images", "texts").fetched).toEqual(["4-66550: images,texts"]);
    const far = behindEachOther(["images", 1_000], ["unread", 64 * 1024 + 1], ["texts", 10]);
    expect(requestsOf(far, "images", "texts").fetched).toEqual(["4-1004: images", "66541-66551: texts"]);
  });

  it("whole into memory up to 32 MiB, however large one of its columns is", () => {
    const group = behindEachOther(["images", 32 * mebibyte - 10], ["texts", 10]);
    expect(requestsOf(group, "images", "texts")).toEqual({
      fetched: [`4-${32 * mebibyte + 4}: images,texts`],
      streamed: [],
    });
  });

  it("with its large columns as streams above that, and the small ones still in one go", () => {
    const group = behindEachOther(["a", 10], ["images", 40 * mebibyte], ["b", 8 * mebibyte], ["c", 10]);
    const start = 14 + 40 * mebibyte;
    expect(requestsOf(group, "a", "images", "b", "c")).toEqual({
      fetched: ["4-14: a", `${start}-${start + 8 * mebibyte + 10}: b,c`],
      streamed: [`14-${start}: images`],
    });
  });

  it("by what is wanted of it alone: a large column that nobody reads makes no stream of another", () => {
    const group = behindEachOther(["unread", 100 * mebibyte], ["images", 20 * mebibyte]);
    expect(requestsOf(group, "images").streamed).toEqual([]);
    expect(requestsOf(group)).toEqual({ fetched: [], streamed: [] });
  });

  it("from the dictionary on, where a column has one", () => {
    const group = groupOf({ path: ["texts"], start: 1_000, bytes: 500, dictionary: 80 });
    expect(requestsOf(group, "texts").fetched).toEqual(["1000-1500: texts"]);
  });

  it("with every leaf of a wanted column: an image is its bytes and its path", () => {
    const group = groupOf(
      { path: ["images", "list", "element", "bytes"], start: 4, bytes: 100 },
      { path: ["images", "list", "element", "path"], start: 104, bytes: 10 },
      { path: ["bytes"], start: 114, bytes: 10 },
    );
    expect(requestsOf(group, "images").fetched).toEqual([
      "4-114: images.list.element.bytes,images.list.element.path",
    ]);
  });

  it("each byte once, also where the file has its columns in another order than the schema", () => {
    const group = groupOf({ path: ["b"], start: 104, bytes: 50 }, { path: ["a"], start: 4, bytes: 100 });
    expect(requestsOf(group, "a", "b").fetched).toEqual(["4-154: a,b"]);
  });
});

it("a chunk knows where the places of its pages are told, if anywhere", () => {
  const group = groupOf(
    { path: ["a"], start: 4, bytes: 100, offsetIndex: [900, 20] },
    { path: ["b"], start: 104, bytes: 100, offsetIndex: [0, 20] },
    { path: ["c"], start: 204, bytes: 100, offsetIndex: [920, 0] },
    { path: ["d"], start: 304, bytes: 100 },
  );
  const { fetched } = planParquetGroup(group, new Set(["a", "b", "c", "d"]));
  expect(fetched[0]?.chunks.map(({ offsetIndex }) => offsetIndex)).toEqual([
    { start: 900, end: 920 },
    null,
    null,
    null,
  ]);
});
