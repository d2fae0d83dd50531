import { basename } from "node:path";
import type { BuildRecord, Manifest } from "@shardmill/core";
import { openRecords, openStore, outputPlace, type Records } from "@shardmill/store";

export type ShardRecords =
  | {
      readonly kind: "found";
      readonly records: Records;
      readonly build: BuildRecord;
      readonly manifest: Manifest;
    }
  /** Why there are none, in one line. */
  | { readonly kind: "unknown"; readonly why: string };

/** The records beside a shard that is named by its path. */
export async function shardRecords(shard: string): Promise<ShardRecords> {
  const folder = outputPlace(outputPlace(shard).root);
  const records = openRecords(await openStore(folder.root), folder.name);
  const build = await records.readBuild();
  if (build === null) return { kind: "unknown", why: "no record of a build lies beside the shard" };
  const manifest = await records.readManifest(basename(shard, ".tar"));
  if (manifest.kind !== "ok")
    return { kind: "unknown", why: "the shard has no manifest, which names its recipe" };
  return { kind: "found", records, build, manifest: manifest.value };
}
