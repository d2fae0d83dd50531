import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "@shardmill/core";
import { openRecords, openStore, outputPlace, type Store } from "@shardmill/store";
import { isBucketAddress } from "@shardmill/store/bucket-address";
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
  if (!(await isFolder(path))) {
    const { root, name } = outputPlace(path);
    const folder = outputPlace(root);
    const above = await openStore(folder.root);
    return verifyTars({ store: above, folder: folder.name, tars: [name], options, signal });
  }
  const { root, name } = outputPlace(path);
  const store = await openStore(root);
  if (await hasRecords(store, name)) return verifyDataset(openRecords(store, name), options, signal);
  const inside = await openStore(path);
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

/** In a bucket what is no object is a folder, if anything begins with its name. */
async function isFolder(path: string): Promise<boolean> {
  if (isBucketAddress(path)) {
    const { root, name } = outputPlace(path);
    return (await (await openStore(root)).stat(name)) === null;
  }
  const facts = await stat(resolve(path)).catch(() => null);
  if (facts === null) throw new Failure("wrong_use", `there is nothing at ${path}`);
  return facts.isDirectory();
}

async function hasRecords(store: Store, dataset: string): Promise<boolean> {
  return (await store.listFolders(dataset)).includes(".shardmill");
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
