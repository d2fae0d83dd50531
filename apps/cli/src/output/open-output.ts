import { type BuildRecord, Failure } from "@shardmill/core";
import { openRecords, openStore, type Records, recordPaths, type Store } from "@shardmill/store";
import { safeText } from "../text/clean-text.ts";
import { shellCommand } from "../text/shell-command.ts";

/** An output, in a folder or a bucket, that a build has been made in. `isAwaited`: somebody only looks, and is told soon of a bucket that is away. */
export async function openOutput(
  out: string,
  dataset: string,
  how: { readonly isAwaited?: boolean } = {},
): Promise<{ readonly store: Store; readonly records: Records; readonly build: BuildRecord }> {
  const store = await openStore(out, how);
  const records = openRecords(store, dataset);
  const build = await records.readBuild();
  if (build !== null) return { store, records, build };
  throw new Failure(
    "wrong_use",
    `there is no build of ${dataset} in ${out}; ${await hint(store, out, dataset)}`,
  );
}

/** Whether the build of a dataset can be seen from here. */
export async function hasBuild(out: string, dataset: string): Promise<boolean> {
  return (await (await openStore(out)).stat(recordPaths(dataset).build)) !== null;
}

async function hint(store: Store, out: string, dataset: string): Promise<string> {
  const { nearestName } = await import("@shardmill/catalogue");
  const built: string[] = [];
  for (const name of await store.listFolders(""))
    if ((await store.stat(recordPaths(name).build)) !== null) built.push(name);
  const nearest = nearestName(dataset, built);
  if (nearest !== null) return `did you mean ${nearest}?`;
  if (built.length > 0) {
    const some = built
      .sort()
      .slice(0, 5)
      .map((one) => safeText(one))
      .join(", ");
    return `it has ${some}${built.length > 5 ? ` and ${built.length - 5} others` : ""}`;
  }
  return `begin one with: ${shellCommand("shardmill", "build", dataset, "--out", out)}`;
}
