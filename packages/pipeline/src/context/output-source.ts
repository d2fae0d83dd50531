import { Failure, type FileIdentity, type Manifest, type Source } from "@shardmill/core";
import { openRecords, type Records, type Store } from "@shardmill/store";

/**
 * The shards of another output of the same root as a source: what its manifests name is what there is. A shard never changes; one
 * that is made anew has another sha256.
 */
export function outputSource(store: Store, output: string): Source {
  const records = openRecords(store, output);
  return {
    name: `output:${output}`,
    revision: null,
    async *list() {
      for (const manifest of await records.listManifests()) {
        const file = shardFile(records, manifest);
        if (file !== null) yield file;
      }
    },
    open: ({ path, sizeBytes }) => ({
      sizeBytes,
      name: path,
      read: (range, signal) => store.chunks(path, signal, range),
    }),
    look: async (path) => {
      const found = await records.readManifest(shardOf(path));
      return found.kind === "ok" ? shardFile(records, found.value) : null;
    },
  };
}

/** A shard's tar as a file of a source; null where it has packed nothing. */
export function shardFile(
  records: Records,
  { shard, tar }: Pick<Manifest, "shard" | "tar">,
): FileIdentity | null {
  if (tar === null) return null;
  return { path: records.paths.tar(shard), sizeBytes: tar.bytes, sha256: tar.sha256, oid: null };
}

/** `openvid-1m/openvid-1m-p0000-0000.tar` is of `openvid-1m-p0000-0000`. */
function shardOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.tar$/, "");
}

/** The records of the output that a build's samples are taken from. */
export function originRecords(
  store: Store,
  source: { readonly kind: string; readonly location: string },
): Records {
  if (source.kind === "output") return openRecords(store, source.location);
  throw new Failure("record_invalid", "a part of shards needs an output as its source", {
    where: { path: "build.json" },
  });
}
