import {
  type BuildRecord,
  type Manifest,
  type PartPlan,
  partLabel,
  Withdrawals,
  type WithdrawnLine,
} from "@shardmill/core";
import { markState, parseTemporaryName, type Records, recordsWithOrigins } from "@shardmill/store";
import { differingAnnotations, differingRecipes } from "./differing-parts.ts";
import { doubleKeys, type PathProblem, type PathVerdict, type VerifyPathOptions } from "./path-verdict.ts";
import { unlessInvalid } from "./readable-record.ts";
import { verifyLedger, verifyPart } from "./verify-books.ts";
import type { ToldOf } from "./verify-positions.ts";
import { type ShardProblem, verifyShard } from "./verify-shard.ts";
import { verifyWithdrawn, type WithdrawnFrom } from "./verify-withdrawn.ts";

/** A dataset that is being verified. */
interface Verification {
  readonly records: Records;
  /** Null where there is none that can be read. */
  readonly build: BuildRecord | null;
  readonly manifests: readonly Manifest[];
  readonly options: VerifyPathOptions;
  readonly signal: AbortSignal;
  /** What has been found so far. */
  readonly problems: PathProblem[];
  /** By shard: the members that its ledger tells of. */
  readonly told: Map<string, ToldOf>;
}

/** Everything that lies in OUT/<dataset>, each against all the others: tars, manifests, ledgers, plans, leftovers. */
export async function verifyDataset(
  records: Records,
  options: VerifyPathOptions,
  signal: AbortSignal,
): Promise<PathVerdict> {
  const problems: PathProblem[] = [];
  const isMeant = (part: string): boolean => options.only?.has(part) ?? true;
  const manifests = (await records.listManifests()).filter((manifest) => isMeant(partLabel(manifest)));
  for (const { shard, detail } of await records.listDamagedManifests()) {
    problems.push({
      shard,
      part: null,
      code: "record_invalid",
      detail: `its manifest cannot be read: ${detail}`,
    });
  }
  const build = await unlessInvalid(
    () => records.readBuild(),
    (problem) => problems.push({ shard: null, part: null, ...problem }),
  );
  const verification = {
    records,
    build,
    manifests,
    options,
    signal,
    problems,
    told: new Map<string, ToldOf>(),
  };
  const { shards, samples } = await verifyShards(verification);
  problems.push(...(await booksProblems(verification)));
  // What is of no part is looked at with all of them.
  if (options.only === undefined)
    problems.push(...(await strayTars(records, manifests)), ...(await leftovers(records)));
  return { ok: problems.length === 0, shards, samples, problems };
}

async function verifyShards({
  records,
  build,
  manifests,
  options,
  signal,
  problems,
  told,
}: Verification): Promise<{ shards: number; samples: number }> {
  const frameSize = build?.recipe.size ?? 224;
  const seen = new Map<string, string>();
  const withdrawals = build === null ? null : await withdrawalsOf(records, build, problems);
  const counted = { shards: 0, samples: 0 };
  for (const [at, manifest] of manifests.entries()) {
    signal.throwIfAborted();
    const { shard } = manifest;
    const add = (found: readonly ShardProblem[]): void => {
      problems.push(...found.map((problem) => ({ shard, part: partLabel(manifest), ...problem })));
    };
    let keys: ReadonlySet<string> | null = null;
    if (manifest.tar !== null) {
      const path = records.paths.tar(shard);
      if ((await records.store.stat(path)) === null) {
        add([{ code: "tar_missing", detail: `there is no ${path}` }]);
      } else {
        const { deep } = options;
        const verdict = await verifyShard({ store: records.store, path, manifest, deep, frameSize, signal });
        add(verdict.problems);
        add(doubleKeys(seen, shard, verdict.check.keys));
        keys = verdict.check.keys;
        counted.shards += 1;
        counted.samples += verdict.check.samples;
      }
    }
    const ofLedger = await unlessInvalid(
      () => verifyLedger({ records, manifest, keys, told, signal }),
      (problem) => add([problem]),
    );
    add(ofLedger ?? []);
    if (withdrawals !== null && ofLedger !== null)
      add(await verifyWithdrawn({ records, manifest, keys, ...withdrawals, signal }));
    options.onShard?.(shard, at + 1, manifests.length);
  }
  return counted;
}

/** From the output itself and from all that it is made from. Null where nothing can be told of it. */
async function withdrawalsOf(
  records: Records,
  build: BuildRecord,
  problems: PathProblem[],
): Promise<WithdrawnFrom | null> {
  const add = (problem: ShardProblem): number => problems.push({ shard: null, part: null, ...problem });
  const lists = await unlessInvalid(() => recordsWithOrigins(records, build), add);
  const lines: WithdrawnLine[] = [];
  for (const list of lists ?? [records]) {
    const read = await unlessInvalid(() => list.readWithdrawn(), add);
    if (read === null) return null;
    for (const line of read) lines.push(line);
  }
  const outputs = (lists ?? [records]).map(({ dataset }) => dataset);
  return { withdrawals: new Withdrawals(build.dataset, lines), outputs };
}

async function strayTars(records: Records, manifests: readonly Manifest[]): Promise<PathProblem[]> {
  const known = new Set(
    manifests.filter(({ tar }) => tar !== null).map(({ shard }) => records.paths.tar(shard)),
  );
  const tars = (await records.store.list(records.paths.dataset)).filter((path) => path.endsWith(".tar"));
  return tars
    .filter((path) => !known.has(path))
    .map((path) => ({
      shard: path.slice(records.paths.dataset.length + 1, -".tar".length),
      part: null,
      code: "tar_without_manifest",
      detail: `${path} has no manifest, so it does not count; the next build replaces it`,
    }));
}

async function booksProblems(verification: Verification): Promise<PathProblem[]> {
  const { records, build, manifests, told, signal } = verification;
  const problems: PathProblem[] = [];
  const isThere = partsThere(build);
  const made: PartPlan[] = [];
  const ofParts = byPart(manifests);
  for (const { path, read } of await records.readPlans()) {
    if (read.kind === "damaged") {
      problems.push({ shard: null, part: null, code: "record_invalid", detail: `${path}: ${read.detail}` });
    }
    if (read.kind !== "ok") continue;
    const plan = read.value;
    const part = partLabel(plan);
    if (verification.options.only?.has(part) === false) continue;
    const own = ofParts.get(part) ?? [];
    const found = await unlessInvalid(
      async () => {
        const end = await records.readPartEnd(plan);
        if (isThere(part) && (own.length > 0 || end?.state === "done")) made.push(plan);
        return verifyPart({ records, plan, manifests: own, end, told, signal });
      },
      (problem) => problems.push({ shard: null, part, ...problem }),
    );
    problems.push(...(found ?? []).map(({ shard, problem }) => ({ shard, part, ...problem })));
  }
  return [...problems, ...differingAnnotations(made), ...differingRecipes(build, made)];
}

function byPart(manifests: readonly Manifest[]): Map<string, Manifest[]> {
  const groups = new Map<string, Manifest[]>();
  for (const manifest of manifests) {
    const label = partLabel(manifest);
    const group = groups.get(label) ?? [];
    if (group.push(manifest) === 1) groups.set(label, group);
  }
  return groups;
}

/** Which parts the source still has, as the build's record says; all where there is none that can be read. */
function partsThere(build: BuildRecord | null): (label: string) => boolean {
  if (build === null) return () => true;
  const labels = new Set(build.parts.filter(({ absent }) => absent === null).map(partLabel));
  return (label) => labels.has(label);
}

/** Temporaries of living processes are work in progress; all others are leftovers. */
async function leftovers(records: Records): Promise<PathProblem[]> {
  const all = await records.store.listAll(records.paths.dataset);
  return all.flatMap(({ path }): PathProblem[] => {
    const temporary = parseTemporaryName(path.slice(path.lastIndexOf("/") + 1));
    if (temporary === null || markState(temporary.mark) === "alive") return [];
    return [
      {
        shard: null,
        part: null,
        code: "leftover",
        detail: `${path} was left by process ${temporary.mark.pid}`,
      },
    ];
  });
}
