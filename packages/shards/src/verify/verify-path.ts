import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { openRecords, openStore, type Store } from "@shardmill/store";
import { doubleKeys, type PathProblem, type PathVerdict, type VerifyPathOptions } from "./path-verdict.ts";
import { unlessInvalid } from "./readable-record.ts";
import { verifyDataset } from "./verify-dataset.ts";
import { verifyShard } from "./verify-shard.ts";

/**
 * Verifies what lies at a path: a dataset's folder with its records, an output folder of several datasets, a folder of
 * tars without records, or a lone tar (against its manifest, where that lies beside it).
 */
export async function verifyPath(
  path: string,
  options: VerifyPathOptions,
  signal: AbortSignal,
): Promise<PathVerdict> {
  const absolute = resolve(path);
  const facts = await stat(absolute).catch(() => null);
  if (facts === null) throw new Failure("wrong_use", `there is nothing at ${path}`);
  const store = await openStore(dirname(absolute));
  const name = basename(absolute);
  if (!facts.isDirectory()) {
    const folder = dirname(absolute);
    const above = await openStore(dirname(folder));
    return verifyTars({ store: above, folder: basename(folder), tars: [name], options, signal });
  }
  if (await hasRecords(store, name)) return verifyDataset(openRecords(store, name), options, signal);
  const inside = await openStore(absolute);
  const folders = (await inside.listFolders("")).filter((folder) => !folder.startsWith("."));
  const verdicts: PathVerdict[] = [];
  for (const folder of folders) {
    if (await hasRecords(inside, folder)) {
      verdicts.push(await verifyDataset(openRecords(inside, folder), options, signal));
    }
  }
  if (verdicts.length > 0) return together(verdicts);
  const tars = (await inside.list("")).filter((file) => file.endsWith(".tar"));
  if (tars.length === 0) throw new Failure("wrong_use", `there are no shards in ${path}`);
  return verifyTars({ store, folder: name, tars, options, signal });
}

function hasRecords(store: Store, dataset: string): Promise<boolean> {
  return store.stat(`${dataset}/.shardmill`).then((facts) => facts !== null);
}

/** Tars of one folder of the store, without the records of a dataset. */
interface LoneTars {
  readonly store: Store;
  readonly folder: string;
  readonly tars: readonly string[];
  readonly options: VerifyPathOptions;
  readonly signal: AbortSignal;
}

async function verifyTars({ store, folder, tars, options, signal }: LoneTars): Promise<PathVerdict> {
  const records = openRecords(store, folder);
  const keys = new Map<string, string>();
  const problems: PathProblem[] = [];
  const build = await unlessInvalid(
    () => records.readBuild(),
    (problem) => problems.push({ shard: null, part: null, ...problem }),
  );
  let samples = 0;
  for (const [at, tar] of tars.entries()) {
    const shard = tar.replace(/\.tar$/, "");
    const read = await records.readManifest(shard);
    const manifest = read.kind === "ok" ? read.value : null;
    const { problems: found, check } = await verifyShard({
      store,
      path: `${folder}/${tar}`,
      manifest,
      deep: options.deep,
      frameSize: build?.recipe.size ?? null,
      signal,
    });
    samples += check.samples;
    const all = [...found, ...doubleKeys(keys, shard, check.keys)];
    problems.push(...all.map((problem) => ({ shard, part: null, ...problem })));
    options.onShard?.(shard, at + 1, tars.length);
  }
  return { ok: problems.length === 0, shards: tars.length, samples, problems };
}

function together(verdicts: readonly PathVerdict[]): PathVerdict {
  const sum = (of: (verdict: PathVerdict) => number): number =>
    verdicts.reduce((all, each) => all + of(each), 0);
  return {
    ok: verdicts.every((verdict) => verdict.ok),
    shards: sum((verdict) => verdict.shards),
    samples: sum((verdict) => verdict.samples),
    problems: verdicts.flatMap((verdict) => verdict.problems),
  };
}
