import { createHash } from "node:crypto";
import { Failure } from "@shardmill/core";
import { recordPaths, type Store } from "@shardmill/store";
import type { WantedFile } from "./wanted-file.ts";

/** What of an output goes to the Hub. */
export interface PushedOutput {
  readonly store: Store;
  readonly dataset: string;
  readonly shards: readonly {
    readonly shard: string;
    readonly tar: { readonly bytes: number; readonly sha256: string };
  }[];
  /** Card, lists and indexes, by their paths in the repository, in the order in which they are told. */
  readonly texts: Readonly<Record<string, string>>;
}

/** From so many shards on they lie in folders: the Hub takes 10,000 entries a folder, and each shard has two files in its own. */
const foldersFrom = 3_000;

/** The folder of a shard in the repository, with a slash at its end; empty for none. */
type FolderOf = (shard: string) => string;

/** Where the tars of so many shards lie, and a pattern that finds them all. */
export function placeOfShards(
  dataset: string,
  count: number,
): { readonly folderOf: FolderOf; readonly placeOf: (shard: string) => string; readonly pattern: string } {
  const isFlat = count < foldersFrom;
  const folderOf: FolderOf = isFlat ? () => "" : (shard) => `${folderName(dataset, shard)}/`;
  return {
    folderOf,
    placeOf: (shard) => `${folderOf(shard)}${shard}.tar`,
    pattern: isFlat ? "*.tar" : "*/*.tar",
  };
}

/** By part, and a thousand ranges of it: what is added later moves no shard that is there. `p0073-0`, `p0073-r`. */
function folderName(dataset: string, shard: string): string {
  const name = shard.startsWith(`${dataset}-`) ? shard.slice(dataset.length + 1) : shard;
  return name.replace(/-(r)?(\d+)$/, (_, isSupplement: string | undefined, number: string) =>
    isSupplement === undefined ? `-${Math.floor(Number(number) / 1_000)}` : "-r",
  );
}

/** Every file of the output as it shall lie there, shards before lists. A tar that is not what its manifest says is a Failure. */
export async function wantedFiles(output: PushedOutput, signal: AbortSignal): Promise<WantedFile[]> {
  const { folderOf } = placeOfShards(output.dataset, output.shards.length);
  const files: WantedFile[] = [];
  for (const shard of output.shards) {
    signal.throwIfAborted();
    files.push(...(await filesOfShard(output, shard, folderOf)));
  }
  for (const [path, text] of Object.entries(output.texts)) files.push(listFile(path, text));
  return files;
}

async function filesOfShard(
  { store, dataset }: PushedOutput,
  { shard, tar }: PushedOutput["shards"][number],
  folderOf: FolderOf,
): Promise<WantedFile[]> {
  const paths = recordPaths(dataset);
  const source = paths.tar(shard);
  const there = await store.stat(source);
  if (there?.sizeBytes !== tar.bytes) {
    const found = there === null ? "none" : `${there.sizeBytes}`;
    throw new Failure("shard_invalid", `expected ${source} of ${tar.bytes} bytes, found ${found}`, {
      where: { shard, path: source },
    });
  }
  const folder = folderOf(shard);
  const indexes = [
    await indexFile(store, paths.energonIndex(shard), `${folder}${shard}.tar.idx`),
    await indexFile(store, paths.daliIndex(shard), `dali/${folder}${shard}.idx`),
  ];
  const file: WantedFile = {
    path: `${folder}${shard}.tar`,
    isList: false,
    sizeBytes: tar.bytes,
    sha256: tar.sha256,
    oid: null,
    open: (start, end, signal) => store.chunks(source, signal, { start, end }),
  };
  return [file, ...indexes.filter((index) => index !== null)];
}

/** A few kilobytes, read to know their hashes and again to be sent; outputs of 0.1 may lack one. */
async function indexFile(store: Store, source: string, path: string): Promise<WantedFile | null> {
  const bytes = await store.read(source);
  if (bytes === null) return null;
  return {
    path,
    isList: false,
    ...identityOf(bytes),
    open: (start, end, signal) => store.chunks(source, signal, { start, end }),
  };
}

function listFile(path: string, text: string): WantedFile {
  const bytes = Buffer.from(text);
  return {
    path,
    isList: true,
    ...identityOf(bytes),
    async *open(start, end) {
      yield bytes.subarray(start, end);
    },
  };
}

function identityOf(bytes: Uint8Array): Pick<WantedFile, "sizeBytes" | "sha256" | "oid"> {
  return {
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    oid: createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex"),
  };
}
