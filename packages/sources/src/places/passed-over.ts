/** Why an entry of a folder is not among the files that are listed. */
export type PassedOverKind = "outside" | "nowhere" | "loop" | "folder-link" | "unreadable" | "special";

/** What is said of one, and of several. */
const words: Record<PassedOverKind, readonly [string, string]> = {
  outside: [
    "1 link leads out of the folder and was not followed",
    "links lead out of the folder and were not followed",
  ],
  nowhere: ["1 link leads nowhere", "links lead nowhere"],
  loop: ["1 link leads to itself", "links lead to themselves"],
  "folder-link": ["1 link to a folder was not followed", "links to folders were not followed"],
  unreadable: ["1 place cannot be read and was passed over", "places cannot be read and were passed over"],
  special: ["1 entry is neither file nor folder", "entries are neither files nor folders"],
};

const shownNames = 5;

/** Entries of a folder that were passed over: counted, and the first of each kind by name. */
export class PassedOver {
  readonly #kinds = new Map<PassedOverKind, { count: number; readonly names: string[] }>();

  add(kind: PassedOverKind, name: string): void {
    const known = this.#kinds.get(kind) ?? { count: 0, names: [] };
    known.count += 1;
    if (known.names.length < shownNames) known.names.push(name);
    this.#kinds.set(kind, known);
  }

  clear(): void {
    this.#kinds.clear();
  }

  /** One line for each kind. */
  lines(): string[] {
    return [...this.#kinds].map(([kind, { count, names }]) => {
      const [one, many] = words[kind];
      const rest = count > names.length ? `, and ${count - names.length} more` : "";
      return `${count === 1 ? one : `${count} ${many}`}: ${names.join(", ")}${rest}`;
    });
  }
}
