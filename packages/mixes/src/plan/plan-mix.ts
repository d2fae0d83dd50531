import { type Dataset, hashOf, layoutOf, type MixEntry, nameForm, sharedSettings } from "@shardmill/core";
import {
  addSums,
  noSums,
  type OutputFacts,
  type ShardFacts,
  type Sums,
  withoutSample,
} from "../facts/output-facts.ts";
import { trainerLeavesOut } from "../publish/trainer-files.ts";
import { outputTerms } from "../terms/output-terms.ts";
import type { ExcludedKey, MixPlan, MixProblem, PlannedSet } from "./mix-plan.ts";
import { recipeDifferences } from "./recipe-differences.ts";
import { sharesOf } from "./shares.ts";
import { withdrawnNote, withWithdrawn } from "./with-withdrawn.ts";

/** An output that a mix names, as it was found. */
export interface FoundSet {
  /** `sets.0` or `text`. */
  readonly path: string;
  /** The path of the key that names it: `sets.0.dataset`, or of a bare name `sets.0`. */
  readonly key: string;
  readonly role: "set" | "text";
  readonly facts: OutputFacts;
  /** The catalogue's entry of today. */
  readonly dataset: Dataset;
}

export interface NamedEntry {
  readonly name: string;
  readonly entry: MixEntry;
  readonly decontaminated?: readonly string[];
}

/** A mix and its outputs to a plan, and to all that is wrong with it. `excluded`: by the output's name, where its keys lie. */
export function planMix(
  { name, entry, decontaminated = [] }: NamedEntry,
  found: readonly FoundSet[],
  excluded: ReadonlyMap<string, readonly ExcludedKey[]>,
): { readonly plan: MixPlan; readonly problems: readonly MixProblem[] } {
  const chosen = found.map((set) => ({ ...set, ...takenOf(entry, set, excluded.get(set.facts.name) ?? []) }));
  const shares = sharesOf(
    chosen.map(({ role, weight, sums }) => ({ role, weight, samples: sums.samples })),
    entry.text?.share ?? 0,
  );
  const sets = chosen.map(
    (set, index): PlannedSet => ({
      path: set.path,
      key: set.key,
      role: set.role,
      facts: set.facts,
      shards: set.shards,
      excluded: set.excluded,
      sums: set.sums,
      weight: set.weight,
      share: shares[index] ?? 0,
      terms: outputTerms({ name: set.facts.name, subsets: subsetsOf(set.shards, set.excluded) }, set.dataset),
    }),
  );
  const problems = [...chosen.flatMap(({ problems: own }) => own), ...setProblems(entry, found, sets)];
  const readers = entry.readers;
  const plan = {
    name,
    title: entry.title,
    entry,
    readers,
    sets,
    sums: sets.map(({ sums }) => sums).reduce(addSums, noSums),
    identity: identityOf(sets),
    decontaminated,
    notes: notesOf(entry, sets),
  };
  return { plan, problems };
}

function identityOf(sets: readonly PlannedSet[]): string {
  return hashOf(
    sets.map(({ facts, shards }) => ({
      dataset: facts.name,
      recipeHash: facts.recipeHash,
      shards: shards.map(({ shard, sha256, samples, withdrawn }) => ({
        shard,
        sha256,
        samples,
        ...(withdrawn.length > 0 && { withdrawn: withdrawn.map(({ key }) => key) }),
      })),
    })),
  );
}

/** With the figures of what is left of each. */
function subsetsOf(
  shards: readonly ShardFacts[],
  excluded: readonly ExcludedKey[],
): { subset: string | null; sums: Sums }[] {
  const bySubset = new Map<string | null, Sums>();
  for (const shard of shards)
    bySubset.set(shard.subset, addSums(bySubset.get(shard.subset) ?? noSums, shard));
  const subsetOf = new Map(shards.map(({ shard, subset }) => [shard, subset]));
  return [...bySubset].map(([subset, sums]) => ({
    subset,
    sums: withoutKeys(
      sums,
      excluded.filter(({ shard }) => subsetOf.get(shard) === subset),
    ),
  }));
}

interface Taken {
  readonly shards: readonly ShardFacts[];
  readonly excluded: readonly ExcludedKey[];
  readonly sums: Sums;
  readonly weight: number | "natural";
  readonly problems: readonly MixProblem[];
}

/** What of an output the mix takes. */
function takenOf(entry: MixEntry, { path, key, role, facts }: FoundSet, keys: readonly ExcludedKey[]): Taken {
  const { shards, problems } = chosenShards(entry, { path, role, facts });
  const names = new Set(shards.map(({ shard }) => shard));
  const asked = keys
    .filter(({ shard }) => names.has(shard))
    .map((one) => (facts.media === "none" ? { ...one, frames: 0 } : one));
  const excluded = withWithdrawn(asked, shards);
  const sums = withoutKeys(shards.reduce<Sums>(addSums, noSums), excluded);
  const weight = role === "text" ? "natural" : (setOf(entry, path)?.weight ?? "natural");
  const isEmpty = facts.unfinished.length === 0 && sums.samples <= 0;
  const empty = `${facts.name} has no samples${facts.sums.samples > 0 ? " but those that are left out" : ""}`;
  return {
    shards,
    excluded,
    sums,
    weight,
    problems: isEmpty ? [...problems, { kind: "state", path: key, message: empty }] : problems,
  };
}

/** What is left of some shards. */
function withoutKeys(whole: Sums, excluded: readonly ExcludedKey[]): Sums {
  return excluded.reduce<Sums>(withoutSample, whole);
}

function setOf(entry: MixEntry, path: string): MixEntry["sets"][number] | undefined {
  return entry.sets[Number(path.split(".")[1])];
}

/** By the subsets that are asked for and left out. One that no shard is of is a mistake, unless its parts are lacking. */
function chosenShards(
  entry: MixEntry,
  { path, role, facts }: Pick<FoundSet, "path" | "role" | "facts">,
): { readonly shards: readonly ShardFacts[]; readonly problems: readonly MixProblem[] } {
  const set = role === "text" ? undefined : setOf(entry, path);
  const own = (role === "text" ? entry.text?.exclude : set?.exclude)?.subsets ?? [];
  const known = new Set(facts.subsets.flatMap(({ subset }) => (subset === null ? [] : [nameForm(subset)])));
  const unknown = (names: readonly string[], key: string): MixProblem[] =>
    names.flatMap((name, index) =>
      known.has(nameForm(name)) || facts.unfinished.length > 0
        ? []
        : [
            {
              kind: "mistake" as const,
              path: `${path}.${key}.${index}`,
              message: `${facts.name} has no samples of a subset ${name}`,
            },
          ],
    );
  const wanted = set?.subsets === undefined ? null : new Set(set.subsets.map(nameForm));
  const left = new Set([...own, ...entry.exclude.subsets].map(nameForm));
  const qualified = (subset: string): string => `${facts.name}/${subset}`;
  const shards = facts.shards.filter(({ subset }) => {
    if (subset === null) return wanted === null;
    const form = nameForm(subset);
    return (wanted === null || wanted.has(form)) && !left.has(form) && !left.has(nameForm(qualified(form)));
  });
  return {
    shards,
    problems: [...unknown(set?.subsets ?? [], "subsets"), ...unknown(own, "exclude.subsets")],
  };
}

/** What is wrong with sets, alone and side by side. */
function setProblems(entry: MixEntry, found: readonly FoundSet[], sets: readonly PlannedSet[]): MixProblem[] {
  const say = (path: string, message: string): MixProblem => ({ kind: "state", path, message });
  const problems = found.flatMap(({ key, role, facts, dataset }) => {
    const isEval = facts.dataset.purpose === "eval" || dataset.purpose === "eval";
    return [
      ...(isEval ? [say(key, `${facts.name} is for evaluation, never for training`)] : []),
      ...facts.unfinished.map((why) => say(key, `${facts.name} is not done: ${why}`)),
      ...(role === "text" && facts.media !== "none"
        ? [say(key, `${facts.name} has pictures: only what has none is mixed in as text`)]
        : []),
      ...(layoutOf(facts.recipe) === null ? [] : [say(key, laidOut(facts))]),
      ...(facts.media === "none" &&
      entry.readers.includes("trainer") &&
      facts.recipe.textPicture === undefined
        ? [say(key, withoutPlaceholder(facts.name))]
        : []),
    ];
  });
  const settings = sharedSettings.filter((setting) => !entry.differ.includes(setting));
  const kinds = found.filter(({ role }) => role === "set");
  const pairs = kinds.filter(({ facts }) => facts.media === "pair");
  const mixed = pairs.length > 0 && pairs.length < kinds.length;
  return [
    ...problems,
    ...unknownExclusions(entry, found),
    ...recipeDifferences(found, settings),
    ...(mixed
      ? pairs.map(({ key, facts }) =>
          say(key, `${facts.name} holds preference pairs, its neighbours do not: no reader takes both`),
        )
      : []),
    ...(sets.some(({ role, share }) => role === "set" && share > 0) || found.length === 0
      ? []
      : [say("sets", "no set has a share: they have no samples, or no weight")]),
  ];
}

/** Readers of a mix take a file for a picture: of one file with all of them none, and those that fill up as well. */
function laidOut({ name, recipe, source }: OutputFacts): string {
  const instead =
    source.kind === "output" ? `name ${source.location} in its place` : "build it with layout=frames";
  return `${name} has the layout ${recipe.layout}, and readers of a mix know a file for each picture: ${instead}`;
}

function withoutPlaceholder(name: string): string {
  return `${name} has no placeholder picture, and the trainer leaves out a sample without one: build it with --set textPicture=placeholder, or leave trainer out of readers`;
}

/** Subsets left out of the whole mix must be somewhere in it. */
function unknownExclusions(entry: MixEntry, found: readonly FoundSet[]): MixProblem[] {
  const known = new Set(
    found.flatMap(({ facts }) =>
      facts.subsets.flatMap(({ subset }) =>
        subset === null ? [] : [nameForm(subset), nameForm(`${facts.name}/${nameForm(subset)}`)],
      ),
    ),
  );
  if (found.some(({ facts }) => facts.unfinished.length > 0)) return [];
  return entry.exclude.subsets.flatMap((subset, index) =>
    known.has(nameForm(subset))
      ? []
      : [
          {
            kind: "mistake" as const,
            path: `exclude.subsets.${index}`,
            message: `no set has samples of a subset ${subset}`,
          },
        ],
  );
}

function notesOf(entry: MixEntry, sets: readonly PlannedSet[]): string[] {
  const left = trainerLeavesOut(sets);
  const isWeighed = sets.some(({ role, weight }) => role === "set" && weight !== "natural");
  return [
    ...sets.flatMap(untimedNote),
    ...sets.flatMap(withdrawnNote),
    ...sets.flatMap(({ facts }) =>
      facts.adopted === 0
        ? []
        : [`${facts.name}: ${facts.adopted} parts were made elsewhere, and are not in this mix`],
    ),
    ...(left.shards > 0 && entry.readers.includes("trainer")
      ? [
          `the trainer reads whole shards: it does without ${left.shards} that hold a sample that is left out, and so without ${left.samples} samples`,
        ]
      : []),
    ...(isWeighed && entry.readers.includes("trainer")
      ? ["the trainer knows no weights: it mixes sets by their number of shards"]
      : []),
  ];
}

function untimedNote({ facts: { name }, shards }: PlannedSet): string[] {
  const untimed = shards.filter(({ durationMs }) => durationMs === null).length;
  return untimed === 0
    ? []
    : [
        `${name}: hours are unknown, for ${untimed} of its ${shards.length} shards were made before manifests said how long their clips are`,
      ];
}
