import { type BibEntry, parseBibtex } from "./bibtex.ts";

/** What is cited: a set or a model. */
export interface Cited {
  readonly name: string;
  readonly citation: string;
  readonly bibtex: string;
}

export interface References {
  /** Each once, with the names of those that it is cited for. */
  readonly citations: readonly { readonly text: string; readonly names: readonly string[] }[];
  /** By key, each once. */
  readonly entries: readonly BibEntry[];
  /** What could not be taken over, a line each. */
  readonly problems: readonly string[];
}

/** The references of all that is cited: what several have in common stands there once. */
export function gatherReferences(cited: readonly Cited[]): References {
  const citations = new Map<string, Set<string>>();
  const entries = new Map<string, { readonly entry: BibEntry; readonly name: string }>();
  const problems: string[] = [];
  for (const { name, citation, bibtex } of cited) {
    const text = citation.replace(/\s+/g, " ").trim();
    if (text !== "") citations.set(text, (citations.get(text) ?? new Set()).add(name));
    const parsed = bibtex.trim() === "" ? [] : parseBibtex(bibtex);
    if (parsed === null) problems.push(`the BibTeX of ${name} cannot be read and is left out`);
    for (const entry of parsed ?? []) {
      // Keys that differ in case alone are one to BibTeX.
      const key = entry.key.toLowerCase();
      const known = entries.get(key);
      if (known === undefined) entries.set(key, { entry, name });
      else if (JSON.stringify(known.entry) !== JSON.stringify(entry))
        problems.push(
          `the BibTeX of ${name} has another entry ${entry.key} than ${known.name}, which is taken`,
        );
    }
  }
  return {
    citations: [...citations].map(([text, names]) => ({ text, names: [...names] })),
    entries: [...entries.values()].map(({ entry }) => entry).sort((a, b) => (a.key < b.key ? -1 : 1)),
    problems: [...new Set(problems)],
  };
}
