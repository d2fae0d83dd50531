import { Failure } from "./failure.ts";
import { nameForm } from "./name-form.ts";
import { type PartId, partLabel, subsetWord } from "./names.ts";
import { type PartList, type PartWord, readPartWords, shown, shownSubset, subsetText } from "./part-words.ts";

/** Parts chosen by a program: the subset's name to the letter. */
interface PartSelector {
  readonly subset: string | null;
  /** Inclusive; null means all of the subset. */
  readonly from: number | null;
  readonly to: number | null;
}

/** Parts named by a person: only the parts that exist tell where a name in it ends. */
interface PartText {
  readonly list: PartList;
  readonly text: string;
}

export type PartsAsked = readonly (PartSelector | PartText)[];

/** Of whom the parts are. */
export interface NamedDataset {
  readonly name: string;
  /** The catalogue's own names of subsets, by the source's. */
  readonly subsetNames?: Readonly<Record<string, string>> | undefined;
}

export type NamedParts<Part extends PartId> =
  | { readonly kind: "parts"; readonly parts: Part[] }
  /** The text cannot be read; or it can, and a part, range or subset of it does not exist. One line that says what does. */
  | { readonly kind: "malformed" | "unknown"; readonly message: string };

/**
 * The parts that are meant, in the order of `parts`, each once. A range may reach beyond what there is as long as one of
 * its parts exists. A subset is known by its name, by the name the source has for it, or by the word that stands for it in
 * labels where only one subset has that word.
 */
export function nameParts<Part extends PartId>(
  dataset: NamedDataset,
  parts: readonly Part[],
  asked: PartsAsked,
): NamedParts<Part> {
  const subsets = [...new Set(parts.flatMap(({ subset }) => subset ?? []))];
  const known = [...subsets, ...Object.keys(dataset.subsetNames ?? {}), ...subsets.map(subsetWord)];
  const chosen = new Set<Part>();
  for (const item of asked) {
    const read = wordsOf(item, known);
    if (read.kind === "malformed") return read;
    for (const word of read.words) {
      const subset = word.subset === null ? null : findSubset(dataset, subsets, word.subset);
      if (Array.isArray(subset))
        return { kind: "unknown", message: refusal(dataset, { parts, subsets }, word, subset) };
      const meant = parts.filter((part) => (subset === null || part.subset === subset) && isIn(part, word));
      if (meant.length === 0)
        return { kind: "unknown", message: refusal(dataset, { parts, subsets }, word, subset) };
      for (const part of meant) chosen.add(part);
    }
  }
  return { kind: "parts", parts: parts.filter((part) => chosen.has(part)) };
}

/** The same for whoever can only go on with parts; null asks for all. Throws wrong_use. */
export function requireParts<Part extends PartId>(
  dataset: NamedDataset,
  parts: readonly Part[],
  asked: PartsAsked | null,
): Part[] {
  if (asked === null) return [...parts];
  const named = nameParts(dataset, parts, asked);
  if (named.kind === "parts") return named.parts;
  throw new Failure("wrong_use", named.message, { where: { dataset: dataset.name } });
}

function wordsOf(item: PartsAsked[number], known: readonly string[]) {
  if ("list" in item) return readPartWords(item.text, known, item.list);
  const { subset, from, to } = item;
  const name = subset === null ? "" : subsetText(subset);
  const numbers = from === null ? "" : from === (to ?? from) ? `${from}` : `${from}-${to}`;
  const text = [name, numbers].filter((word) => word !== "").join(":");
  return { kind: "words" as const, words: [{ text, subset, from, to: to ?? from }] };
}

function isIn({ part }: PartId, { from, to }: PartWord): boolean {
  return from === null || (part >= from && part <= (to ?? from));
}

/** The subset that a name means; a list of candidates (none, or several) where it means no single one. */
function findSubset(dataset: NamedDataset, subsets: readonly string[], name: string): string | string[] {
  const form = nameForm(name);
  const own = Object.entries(dataset.subsetNames ?? {}).find(([source]) => nameForm(source) === form)?.[1];
  const rules: ((subset: string) => boolean)[] = [
    (subset) => subset === name,
    (subset) => nameForm(subset) === form,
    (subset) => subset === own,
    (subset) => subsetWord(subset) === form,
  ];
  for (const rule of rules) {
    const found = subsets.filter(rule);
    const [only] = found;
    if (only !== undefined) return found.length === 1 ? only : found;
  }
  return [];
}

const mostNames = 8;

function refusal(
  dataset: NamedDataset,
  { parts, subsets }: { readonly parts: readonly PartId[]; readonly subsets: readonly string[] },
  word: PartWord,
  subset: string | null | readonly string[],
): string {
  const told = shown(word.text);
  if (typeof subset === "string") {
    const own = parts.filter((part) => part.subset === subset);
    return `${dataset.name} has no part ${told}; of ${shownSubset(subset)} it has ${spanOf(own)}`;
  }
  if (subset !== null && subset.length > 1)
    return `${told} may be ${subset.map(shownSubset).join(" or ")}: give the name as the source has it`;
  if (subset !== null) return `${dataset.name} has no part ${told}; it has ${contentsOf(parts, subsets)}`;
  const hint = subsets.includes(word.text) ? `; the subset of that name is written "${told}"` : "";
  return `${dataset.name} has no part ${told}; it has ${contentsOf(parts, subsets)}${hint}`;
}

function contentsOf(parts: readonly PartId[], subsets: readonly string[]): string {
  if (subsets.length === 0) return spanOf(parts);
  const names = subsets.slice(0, mostNames).map(shownSubset);
  const more = subsets.length > mostNames ? ` and ${subsets.length - mostNames} more` : "";
  return `${subsets.length === 1 ? "the subset" : `${subsets.length} subsets:`} ${names.join(", ")}${more}, with ${spanOf(parts)}`;
}

function spanOf(parts: readonly PartId[]): string {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return "no parts";
  if (parts.length === 1) return `one part, ${partLabel(first)}`;
  return `${parts.length} parts, from ${partLabel(first)} to ${partLabel(last)}`;
}
