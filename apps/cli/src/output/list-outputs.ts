import { type BuildRecord, Failure } from "@shardmill/core";
import { isRootThere, openRecords, openStore, type Records, recordPaths, type Store } from "@shardmill/store";

/** An output of a root: its record, or why that cannot be read. */
export type ListedOutput = { readonly name: string; readonly records: Records } & (
  | { readonly build: BuildRecord }
  | { readonly problem: Failure }
);

/** The builds of a root, by name. */
export async function listOutputs(
  out: string,
): Promise<{ readonly store: Store; readonly outputs: readonly ListedOutput[] }> {
  if (!isRootThere(out))
    throw new Failure("wrong_use", `there is no folder ${out}; name the output folder with --out`);
  const store = await openStore(out, { isAwaited: true });
  const outputs: ListedOutput[] = [];
  for (const name of await store.listFolders("")) {
    if ((await store.stat(recordPaths(name).build)) === null) continue;
    const records = openRecords(store, name);
    const build = await records.readBuild().catch((error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    });
    if (build instanceof Failure) outputs.push({ name, records, problem: build });
    else if (build !== null) outputs.push({ name, records, build });
  }
  return { store, outputs };
}
