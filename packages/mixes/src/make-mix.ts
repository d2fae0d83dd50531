import type { Dataset, MixEntry } from "@shardmill/core";
import { openRecords, type Store } from "@shardmill/store";
import { tryOutputFacts } from "./facts/read-output-facts.ts";
import { findTwins } from "./keys/find-twins.ts";
import { locateKeys } from "./keys/locate-keys.ts";
import type { ExcludedKey, MixPlan, MixProblem } from "./plan/mix-plan.ts";
import { type FoundSet, planMix } from "./plan/plan-mix.ts";

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
export async function makeMix(draft: DraftedMix, places: MixPlaces, signal: AbortSignal): Promise<MadeMix> {
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
  const excluded = await locatedKeys(entry, found, places, signal);
  const { plan, problems: planned } = planMix({ name, entry }, found, excluded.byOutput);
  const twins = await twinsOf(plan, places, signal);
  return { plan, problems: inOrder([...problems, ...planned, ...excluded.problems, ...twins]) };
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

/** Where the keys lie that are left out, and those that are nowhere. */
async function locatedKeys(
  entry: MixEntry,
  found: readonly FoundSet[],
  { store }: MixPlaces,
  signal: AbortSignal,
): Promise<{ byOutput: Map<string, ExcludedKey[]>; problems: MixProblem[] }> {
  const ofSet = (path: string): readonly string[] =>
    (path === "text" ? entry.text?.exclude : entry.sets[Number(path.split(".")[1])]?.exclude)?.keys ?? [];
  const byOutput = new Map<string, ExcludedKey[]>();
  const met = new Set<string>();
  const problems: MixProblem[] = [];
  for (const { path, facts } of found) {
    const own = ofSet(path);
    const wanted = [...new Set([...own, ...entry.exclude.keys])];
    if (wanted.length === 0) continue;
    const located = await locateKeys(openRecords(store, facts.name), facts.shards, wanted, signal);
    byOutput.set(facts.name, located);
    const here = new Set(located.map(({ key }) => key));
    for (const key of here) met.add(key);
    own.forEach((key, index) => {
      if (!here.has(key))
        problems.push({
          kind: "mistake",
          path: `${path}.exclude.keys.${index}`,
          message: `${facts.name} has no sample ${key}`,
        });
    });
  }
  entry.exclude.keys.forEach((key, index) => {
    if (!met.has(key) && found.length > 0)
      problems.push({
        kind: "mistake",
        path: `exclude.keys.${index}`,
        message: `no set has a sample ${key}`,
      });
  });
  return { byOutput, problems };
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
