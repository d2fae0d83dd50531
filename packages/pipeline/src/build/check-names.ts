import {
  type Dataset,
  Failure,
  nameForm,
  type PartId,
  type PartsFound,
  partLabel,
  type Recipe,
  type SubsetClash,
  sampleKey,
  shownSubset,
} from "@shardmill/core";
import type { Records } from "@shardmill/store";

/** What was found in a listing and chosen of it. */
interface Chosen {
  readonly recipe: Recipe;
  readonly found: PartsFound;
  readonly selected: readonly PartId[];
}

const longestKey = 60;
const mostTold = 3;

/**
 * Refuses, before anything is made, subsets of which two would write the same files and keys, and a name that makes keys
 * too long. One of two that fall together can be chosen alone.
 */
export function refuseClashes(dataset: Dataset, chosen: Chosen): void {
  const problem = clashOf(chosen) ?? longKeyOf(dataset, chosen);
  if (problem !== null) throw new Failure("wrong_use", problem, { where: { dataset: dataset.name } });
}

function clashOf({ found, selected }: Chosen): string | null {
  const chosen = new Set(selected.map(({ subset }) => subset));
  const told = found.clashes.flatMap((clash) => {
    const own = clash.subsets.filter((subset) => chosen.has(subset));
    // One name for several places of the source cannot be chosen at all: its files are mixed.
    const isMixed = clash.sources.length > clash.subsets.length;
    return own.length > 1 || (own.length === 1 && isMixed) ? [{ text: tell(clash), isMixed }] : [];
  });
  if (told.length === 0) return null;
  const shown = told.slice(0, mostTold).map(({ text }) => text);
  const more = told.length > mostTold ? `; and ${told.length - mostTold} more` : "";
  const choice = told.some(({ isMixed }) => isMixed) ? "" : "choose one of them with --subsets, or ";
  return `${shown.join("; ")}${more}: ${choice}give them other names in the catalogue's subsetNames`;
}

function tell({ sources, word }: SubsetClash): string {
  const names = sources.map(shownSubset);
  const isSpelling = new Set(sources.map(nameForm)).size < sources.length;
  const how = isSpelling ? "differ only in how their letters are encoded" : `would both be called ${word}`;
  return `the subsets ${names.join(" and ")} ${how}`;
}

function longKeyOf({ keyPrefix }: Dataset, { recipe, selected }: Chosen): string | null {
  const record = recipe.records === "each" ? 999 : undefined;
  const turn = recipe.turns === "each" ? 999 : undefined;
  const longest = (part: PartId): string => sampleKey({ keyPrefix, part, position: 999_999, record, turn });
  const long = selected.find((id) => longest(id).length > longestKey);
  if (long === undefined) return null;
  const key = longest(long);
  const of = long.subset === null ? "" : ` of the subset ${shownSubset(long.subset)}`;
  return `the keys${of} would have ${key.length} letters, and ${longestKey} are the most: give it a shorter name in the catalogue's subsetNames, or a shorter keyPrefix`;
}

/**
 * The listing without the subsets that fall together with others, and what to know of them. Of each group the one that is
 * chosen now stays, else the one that was asked for before.
 */
export function withoutClashing(
  { found, selected }: Chosen,
  asked: readonly PartId[] = [],
): Pick<PartsFound, "parts" | "remarks"> {
  if (found.clashes.length === 0) return found;
  const [now, before] = [selected, asked].map((ids) => new Set(ids.map(({ subset }) => subset)));
  const left = new Set(
    found.clashes.flatMap(({ subsets }) => {
      const kept = subsets.find((name) => now?.has(name)) ?? subsets.find((name) => before?.has(name));
      return subsets.filter((name) => name !== kept);
    }),
  );
  return {
    parts: found.parts.filter(({ subset }) => subset === null || !left.has(subset)),
    remarks: [
      ...found.remarks,
      ...found.clashes.map((clash) => {
        const names = clash.subsets.filter((name) => left.has(name)).map(shownSubset);
        return `${tell(clash)}; ${names.join(", ")}: no part of this build`;
      }),
    ],
  };
}

/** An output in which a part of another subset has these labels already would mix the two. */
export async function refuseForeignLabels(
  dataset: Dataset,
  selected: readonly PartId[],
  records: Records,
): Promise<void> {
  const subsets = new Map(selected.map((id) => [partLabel(id), id.subset]));
  if (selected.every(({ subset }) => subset === null)) return;
  const made = [
    ...(await records.listPlans()),
    ...(await records.listManifests()),
    ...(await records.listPartEnds()),
  ];
  for (const { subset, part } of made) {
    const label = partLabel({ subset, part });
    const wanted = subsets.get(label);
    if (wanted == null || subset === null || nameForm(wanted) === nameForm(subset)) continue;
    const [old, now] = [subset, wanted].map(shownSubset);
    throw new Failure(
      "wrong_use",
      `${label} in this output folder is of the subset ${old}, and ${now} would take its place: give another --out, or another name in the catalogue's subsetNames`,
      { where: { dataset: dataset.name } },
    );
  }
}
