import { createHash } from "node:crypto";
import { Failure } from "@shardmill/core";
import type { FileStat, Store } from "@shardmill/store";
import type { CopiedFile } from "./copied-files.ts";

export interface CopyWay {
  readonly from: Store;
  readonly to: Store;
  /** What lay there before, by path. */
  readonly there: ReadonlyMap<string, FileStat>;
  /** The other store keeps no conditions: what is published there replaces what there is. */
  readonly isSingleWriter: boolean;
  onBytes(bytes: number): void;
}

/** Brings one file over, or finds that its bytes are there: by the hash that the other store keeps, or by reading it. */
export async function copyFile(
  way: CopyWay,
  file: CopiedFile,
  signal: AbortSignal,
): Promise<"copied" | "there"> {
  const before = way.there.get(file.path);
  if (before?.sizeBytes === file.sizeBytes && (await isSame(way, file, signal))) return "there";
  const temp = await way.to.createTemp(file.path);
  try {
    const hash = createHash("sha256");
    for await (const chunk of way.from.chunks(file.path, signal)) {
      hash.update(chunk);
      await temp.write(chunk);
      way.onBytes(chunk.length);
    }
    await temp.sync();
    mustBe(file, hash.digest("hex"), temp.sizeBytes);
    if (before !== undefined || way.isSingleWriter) await temp.replace(file.path);
    else if ((await temp.link(file.path)) === "exists") throw overtaken(file.path);
    return "copied";
  } finally {
    await temp.remove();
  }
}

async function isSame(
  { from, to }: CopyWay,
  { path, sha256 }: CopiedFile,
  signal: AbortSignal,
): Promise<boolean> {
  const wanted = sha256 ?? (await hashOf(from, path, signal));
  const kept = (await to.stat(path))?.sha256 ?? null;
  return (kept ?? (await hashOf(to, path, signal))) === wanted;
}

async function hashOf(store: Store, path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of store.chunks(path, signal)) hash.update(chunk);
  return hash.digest("hex");
}

function mustBe({ path, sizeBytes, sha256 }: CopiedFile, found: string, foundBytes: number): void {
  if (foundBytes === sizeBytes && (sha256 === null || sha256 === found)) return;
  const why =
    sha256 === null
      ? `${path} changed while it was read: somebody is at work there`
      : `${path} is not the tar that its manifest names: verify says more`;
  throw new Failure(sha256 === null ? "output_io" : "shard_invalid", why, {
    where: { path },
    retry: "never",
  });
}

function overtaken(path: string): Failure {
  return new Failure("output_conflict", `somebody else has written ${path} meanwhile`, { where: { path } });
}
