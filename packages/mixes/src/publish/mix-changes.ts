import type { MixRecord } from "./mix-record.ts";

type RecordedSet = MixRecord["sets"][number];

/** What is other than it was published, a line each; none where nothing is. */
export function mixChanges(before: MixRecord, now: MixRecord): string[] {
  const was = new Map(before.sets.map((set) => [set.dataset, set]));
  const is = new Set(now.sets.map(({ dataset }) => dataset));
  return [
    ...decontaminationChange(before, now),
    ...before.sets.flatMap(({ dataset }) => (is.has(dataset) ? [] : [`${dataset} is no longer in it`])),
    ...now.sets.flatMap((set) => {
      const old = was.get(set.dataset);
      return old === undefined ? [`${set.dataset} is new in it`] : setChanges(old, set);
    }),
  ];
}

/** Told first: it explains which samples are left out. */
function decontaminationChange(
  { decontaminated: was }: MixRecord,
  { decontaminated: is }: MixRecord,
): string[] {
  if (was.join() === is.join()) return [];
  const what = (names: readonly string[]): string => (names.length === 0 ? "nothing" : names.join(", "));
  return [`decontaminated against ${what(was)} before, against ${what(is)} now`];
}

const mostNamed = 3;

function setChanges(old: RecordedSet, set: RecordedSet): string[] {
  const [before, now] = [new Map(Object.entries(old.shards)), new Map(Object.entries(set.shards))];
  const more = [...now.keys()].filter((shard) => !before.has(shard));
  const gone = [...before.keys()].filter((shard) => !now.has(shard));
  const other = [...now].filter(([shard, sha]) => before.has(shard) && before.get(shard) !== sha);
  const left = new Set(old.excluded);
  const newlyLeft = set.excluded.filter((key) => !left.has(key));
  const leftNow = new Set(set.excluded);
  const backIn = old.excluded.filter((key) => !leftNow.has(key));
  const say = (names: readonly string[], what: string): string[] =>
    names.length === 0 ? [] : [`${set.dataset}: ${what}: ${named(names)}`];
  return [
    ...say(more, "new shards"),
    ...say(gone, "shards that are gone"),
    ...say(
      other.map(([shard]) => shard),
      "shards made anew",
    ),
    ...say(newlyLeft, "samples left out now"),
    ...say(backIn, "samples no longer left out"),
    ...(old.recipe.hash === set.recipe.hash ? [] : [`${set.dataset}: another recipe`]),
    ...(old.sums.samples === set.sums.samples
      ? []
      : [`${set.dataset}: ${old.sums.samples} samples before, ${set.sums.samples} now`]),
    ...(percent(old.share) === percent(set.share)
      ? []
      : [`${set.dataset}: share ${percent(old.share)} before, ${percent(set.share)} now`]),
  ];
}

function named(names: readonly string[]): string {
  const some = names.slice(0, mostNamed).join(", ");
  return names.length > mostNamed ? `${some} and ${names.length - mostNamed} more` : some;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
