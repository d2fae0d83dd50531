import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type BuildRecord, Failure } from "@shardmill/core";
import { openRecords, openStore, type Records, type Store } from "@shardmill/store";

/** An output folder that a build has been made in. */
export async function openOutput(
  out: string,
  dataset: string,
): Promise<{ readonly store: Store; readonly records: Records; readonly build: BuildRecord }> {
  const root = resolve(out);
  if (existsSync(root)) {
    const store = await openStore(root);
    const records = openRecords(store, dataset);
    const build = await records.readBuild();
    if (build !== null) return { store, records, build };
  }
  throw new Failure(
    "wrong_use",
    `there is no build of ${dataset} in ${out}; begin one with: shardmill build ${dataset} --out ${out}`,
  );
}
