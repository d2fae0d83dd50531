import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { streamTable } from "@shardmill/annotations";
import { mapRoots, type Roots, recordBounds } from "@shardmill/catalogue";
import { type ByteSource, type ClipSpan, Failure, nameForm } from "@shardmill/core";

/** In a root's folder: which stretch of which of its files a record's media is. */
const cutsName = "cuts.csv";

/** A stretch of a file in a root. */
export interface RootCut {
  /** Below the root's folder. */
  readonly file: string;
  readonly span: ClipSpan;
}

/** By the root's prefix and what records call the media. */
export type RootCuts = ReadonlyMap<string, ReadonlyMap<string, RootCut>>;

/**
 * What the user's tables say of media that are to be cut out of longer videos of theirs. A table is of the user's own making: whatever is
 * wrong with it is told, and nothing is passed over.
 */
export async function readRootCuts(roots: Roots, signal: AbortSignal): Promise<RootCuts> {
  const all = new Map<string, ReadonlyMap<string, RootCut>>();
  for (const [prefix, folder] of Object.entries(roots))
    if (existsSync(join(folder, cutsName))) all.set(prefix, await cutsIn(prefix, folder, signal));
  return all;
}

async function cutsIn(
  prefix: string,
  folder: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RootCut>> {
  const source = fileSource(await readFile(join(folder, cutsName)));
  const file = { path: cutsName, sizeBytes: source.sizeBytes, oid: null, sha256: null };
  const required = ["media", "file", "start", "end"];
  const cuts = new Map<string, RootCut>();
  for await (const row of streamTable({ file, source, format: "csv", required, maxBadRecords: 0 }, signal)) {
    if (row.kind === "bad") continue;
    const { media, file: name } = row.fields;
    const span = recordBounds({ set: "", fields: { ...row.fields } }, { start: "start", end: "end" });
    const inside = typeof name === "string" ? mapRoots({ [prefix]: folder }, `${prefix}${name}`) : null;
    const [path] = inside?.candidates ?? [];
    if (typeof media !== "string" || path === undefined || span === null || typeof span === "string")
      throw new Failure(
        "annotations_invalid",
        `${cutsName} of the root for ${prefix}, ${row.place}: ${typeof span === "string" ? span : "expected media, a file of the root, start and end"}`,
        { where: { path: cutsName } },
      );
    cuts.set(nameForm(media), { file: path, span });
  }
  return cuts;
}

function fileSource(bytes: Uint8Array): ByteSource {
  return {
    name: cutsName,
    sizeBytes: bytes.length,
    async *read({ start, end }) {
      yield bytes.subarray(start, end);
    },
  };
}
