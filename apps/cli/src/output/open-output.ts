import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type BuildRecord, Failure } from "@shardmill/core";
import { openRecords, openStore, type Records, recordPaths, type Store } from "@shardmill/store";
import { shellCommand } from "../text/shell-command.ts";

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
    `there is no build of ${dataset} in ${out}; ${await hint(root, out, dataset)}`,
  );
}

async function hint(root: string, out: string, dataset: string): Promise<string> {
  const { nearestName } = await import("@shardmill/catalogue");
  const names = existsSync(root) ? await readdir(root) : [];
  const built = names.filter((name) => existsSync(join(root, recordPaths(name).build)));
  const nearest = nearestName(dataset, built);
  if (nearest !== null) return `did you mean ${nearest}?`;
  return `begin one with: ${shellCommand("shardmill", "build", dataset, "--out", out)}`;
}
