import { type Dataset, Failure, type MixEntry } from "@shardmill/core";
import { openRecords, type Store } from "@shardmill/store";
import { tryOutputFacts } from "./facts/read-output-facts.ts";
import { findTwins } from "./keys/find-twins.ts";
import { locateKeys } from "./keys/locate-keys.ts";
import { type LeftOutKey, readLeftOut } from "./keys/read-left-out.ts";
import { type Decontamination, type RelatedKeys, relatedKeys } from "./keys/related-keys.ts";
import { splitExclusions } from "./keys/split-exclusions.ts";
import type { ExcludedKey, MixPlan, MixProblem } from "./plan/mix-plan.ts";
import { type FoundSet, planMix } from "./plan/plan-mix.ts";
import { type KnownSplit, knownSplits } from "./split/split-record.ts";

/** A mix as its file has it, with what is wrong in the file. */
export interface DraftedMix {
  readonly name: string;
  readonly entry: MixEntry | null;
  readonly problems: readonly { readonly path: string; readonly message: string; readonly line?: number }[];
  readonly named: readonly { readonly path: string; readonly dataset: string }[];
}

/** What a mix is looked up in. */
export interface MixPlaces {
  /** Of the root that its outputs lie in. */
  readonly store: Store;
  /** The catalogue's entry, with what the user knows of its terms; null where there is none. */
  readonly dataset: (name: string) => Dataset | null;
  /** A name that is nearly that, of those that there are. */
  readonly nearest: (name: string) => string | null;
  /** A split that is asked what it would choose: what it has chosen is left in. */
  readonly withoutSplit?: string;
}

export interface MadeMix {
  /** Null: its file holds mistakes. */
  readonly plan: MixPlan | null;
  /** In order of the file's keys; none where it is ready. */
  readonly problems: readonly MixProblem[];
}

/**
 * A mix from its file and the records of its outputs, with everything that keeps it from being ready. Memory is that of its shards'
 * records: neither samples nor ledgers are held.
 */
export async function makeMix(
  draft: DraftedMix,
  places: MixPlaces,
  signal: AbortSignal,
  decontamination: Decontamination = { against: [] },
): Promise<MadeMix> {
  const problems: MixProblem[] = draft.problems.map((problem) => ({ kind: "mistake", ...problem }));
  const found: FoundSet[] = [];
  for (const { path, dataset } of draft.named) {
    signal.throwIfAborted();
    const facts = await tryOutputFacts(openRecords(places.store, dataset));
    const role = path.startsWith("text") ? "text" : "set";
    if (facts === null) problems.push(notBuilt(draft, { path, dataset }, places));
    else if ("problem" in facts)
      problems.push({ kind: "state", path, message: `${dataset}: ${facts.problem}` });
    else
      found.push({
        path: setPath(path),
        key: path,
        role,
        facts,
        dataset: places.dataset(facts.entry) ?? facts.dataset,
      });
  }
  const { entry, name } = draft;
  if (entry === null) {
    // What is wrong with its outputs is told all the same.
    const alone = planMix({ name, entry: loose(found) }, found, new Map());
    return { plan: null, problems: inOrder([...problems, ...alone.problems.filter(isOfOne)]) };
  }
  const sets = found.map(({ facts }) => facts);
  const related = await relatedKeys(places, sets, decontamination, signal);
  const excluded = await leftOutKeys({ entry, related: related.byOutput }, found, places, signal);
  const named = { name, entry, decontaminated: decontamination.against.toSorted() };
  const { plan, problems: planned } = planMix(named, found, excluded.byOutput);
  const twins = await twinsOf(plan, places, signal);
  return {
    plan,
    problems: inOrder([...problems, ...planned, ...related.problems, ...excluded.problems, ...twins]),
  };
}

/** An entry that says nothing of its own, for the sake of the sets that a spoiled one names. */
function loose(found: readonly FoundSet[]): MixEntry {
  const nothing = { keys: [], subsets: [] };
  return {
    title: "",
    description: "",
    sets: found.map(({ facts }) => ({
      dataset: facts.name,
      weight: "natural",
      exclude: nothing,
      made: { set: [] },
    })),
    exclude: nothing,
    readers: ["webdataset"],
    differ: [],
  };
}

function isOfOne({ path }: MixProblem): boolean {
  return path !== "sets";
}

/** `sets.0` of `sets.0.dataset`: the set, whichever way it is written. */
function setPath(path: string): string {
  return path.replace(/\.dataset$/, "");
}

function notBuilt(
  { entry }: DraftedMix,
  { path, dataset }: { readonly path: string; readonly dataset: string },
  { dataset: find, nearest }: MixPlaces,
): MixProblem {
  const at = setPath(path);
  const made = (at === "text" ? entry?.text?.made : entry?.sets[Number(at.split(".")[1])]?.made) ?? {
    set: [],
  };
  const from = made.dataset ?? dataset;
  if (find(from) === null) {
    const near = nearest(from);
    const hint = near === null ? "" : `; did you mean ${near}?`;
    const message =
      made.dataset === undefined
        ? `there is no output ${dataset}, and the catalogue knows no dataset of that name${hint}`
        : `there is no output ${dataset}, nor a dataset ${from} to make it of${hint}`;
    return { kind: "mistake", path, message };
  }
  const recipe = made.recipe ?? entry?.recipe;
  const command = [
    ...["build", from],
    ...(from === dataset ? [] : ["--as", dataset]),
    ...(recipe === undefined ? [] : ["--recipe", recipe]),
    ...made.set.flatMap((setting) => ["--set", setting]),
  ];
  return { kind: "state", path, message: `${dataset} is not built`, command };
}

/** The samples that are left out by key, and the keys that are nowhere. */
async function leftOutKeys(
  { entry, related }: { readonly entry: MixEntry; readonly related: RelatedKeys["byOutput"] },
  found: readonly FoundSet[],
  { store, withoutSplit }: MixPlaces,
  signal: AbortSignal,
): Promise<{ byOutput: Map<string, readonly ExcludedKey[]>; problems: MixProblem[] }> {
  const ofSet = (path: string): readonly string[] =>
    (path === "text" ? entry.text?.exclude : entry.sets[Number(path.split(".")[1])]?.exclude)?.keys ?? [];
  const byOutput = new Map<string, readonly ExcludedKey[]>();
  const met = new Set<string>();
  const problems: MixProblem[] = [];
  const splits = (await knownSplits(store)).filter(({ name }) => name !== withoutSplit);
  for (const set of found) {
    const { path, key: at, facts } = set;
    const own = ofSet(path);
    const listed = [...new Set([...own, ...entry.exclude.keys])];
    const also = { related: related.get(facts.name) ?? [], splits };
    const read = await leftOutOf(store, set, { listed, ...also }, signal);
    if ("problem" in read) {
      problems.push({ kind: "state", path: at, message: read.problem });
      continue;
    }
    byOutput.set(facts.name, read);
    const here = new Set(read.map(({ key }) => key));
    // What has been withdrawn is left out for good: to name it, too, is no mistake.
    for (const { key } of await openRecords(store, facts.name).readWithdrawn())
      if (key !== null) here.add(key);
    for (const key of here) met.add(key);
    problems.push(...nowhere(own, here, `${path}.exclude.keys`, [set]));
  }
  const isWhole = byOutput.size === found.length;
  const missing = isWhole ? nowhere(entry.exclude.keys, met, "exclude.keys", found) : [];
  return { byOutput, problems: [...problems, ...missing] };
}

/** Keys that are in none of the sets; nobody knows while one of them is not whole. */
function nowhere(
  keys: readonly string[],
  met: ReadonlySet<string>,
  path: string,
  sets: readonly FoundSet[],
): MixProblem[] {
  const [only] = sets;
  if (only === undefined || sets.some(({ facts }) => facts.unfinished.length > 0)) return [];
  const who = path === "exclude.keys" ? "no set has a sample" : `${only.facts.name} has no sample`;
  return keys.flatMap((key, index) =>
    met.has(key) ? [] : [{ kind: "mistake" as const, path: `${path}.${index}`, message: `${who} ${key}` }],
  );
}

/** What leaves samples out of a set, the first reason first. */
interface LeftOutFor {
  readonly listed: readonly string[];
  readonly splits: readonly KnownSplit[];
  readonly related: readonly LeftOutKey[];
}

/** A shard that cannot be read says what is wrong with it. */
async function leftOutOf(
  store: Store,
  { facts, dataset }: FoundSet,
  { listed, related, splits }: LeftOutFor,
  signal: AbortSignal,
): Promise<readonly ExcludedKey[] | { readonly problem: string }> {
  try {
    const records = openRecords(store, facts.name);
    const found = listed.length === 0 ? [] : await locateKeys(records, facts.shards, listed, signal);
    const chosen =
      splits.length === 0 ? [] : await splitExclusions({ records, facts, dataset }, splits, signal);
    const all = [...found.map((one): LeftOutKey => ({ ...one, reason: "listed" })), ...chosen, ...related];
    // One reason is enough: the first counts.
    const once = new Map<string, LeftOutKey>();
    for (const one of all) if (!once.has(`${one.shard}/${one.key}`)) once.set(`${one.shard}/${one.key}`, one);
    return await readLeftOut(store, facts.name, [...once.values()], signal);
  } catch (error) {
    if (error instanceof Failure) return { problem: `${facts.name}: ${error.message}` };
    throw error;
  }
}

async function twinsOf(plan: MixPlan, { store }: MixPlaces, signal: AbortSignal): Promise<MixProblem[]> {
  const excluded = new Set(plan.sets.flatMap(({ excluded: keys }) => keys.map(({ key }) => key)));
  const sets = plan.sets.map(({ facts, shards }) => ({
    name: facts.name,
    records: openRecords(store, facts.name),
    shards,
  }));
  const twins = await findTwins(sets, (key) => excluded.has(key), signal);
  return twins.map(({ key, sets: [a, b], shards }) => {
    const later = plan.sets[Math.max(a, b)];
    return {
      kind: "state",
      path: later?.key ?? "sets",
      message: `the key ${key} occurs twice: in ${shards[0]} and in ${shards[1]}`,
    };
  });
}

/** As the file has them: what is wrong with all of it first. */
function inOrder(problems: readonly MixProblem[]): MixProblem[] {
  const rank = ({ path }: MixProblem): string =>
    path.startsWith("sets") ? `1${path}` : path.startsWith("text") ? `2${path}` : `0${path}`;
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  return problems.toSorted((a, b) => compare(rank(a), rank(b)));
}
