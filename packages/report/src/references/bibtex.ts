/** An entry of BibTeX that was read whole. */
export interface BibEntry {
  /** `article`, in small letters. */
  readonly type: string;
  readonly key: string;
  /** In their order; a value is what stands between its braces or quotes. */
  readonly fields: readonly (readonly [string, string])[];
}

const entryHead = /@\s*([A-Za-z]+)\s*\{\s*([^\s,{}"#%~\\']+)\s*,/y;
const fieldHead = /\s*([A-Za-z][\w:.+/-]*)\s*=\s*/y;
const bareValue = /(\d+|[A-Za-z][\w:.+-]*)/y;
const space = /\s*/y;

/**
 * Reads entries strictly: names, keys, and values in balanced braces or quotes. Null where anything else stands there: such a text would
 * spoil the entries around it in a file.
 */
export function parseBibtex(text: string): BibEntry[] | null {
  const entries: BibEntry[] = [];
  const reader = new Reader(text.trim());
  while (!reader.isAtEnd) {
    const entry = readEntry(reader);
    if (entry === null) return null;
    entries.push(entry);
    reader.take(space);
  }
  return entries;
}

/** The entry as BibTeX, always in the same form. */
export function bibtexOf({ type, key, fields }: BibEntry): string {
  return [`@${type}{${key},`, fields.map(([name, value]) => `  ${name}={${value}}`).join(",\n"), "}"].join(
    "\n",
  );
}

function readEntry(reader: Reader): BibEntry | null {
  const head = reader.take(entryHead);
  const [, type, key] = head ?? [];
  if (type === undefined || key === undefined) return null;
  const fields: [string, string][] = [];
  for (;;) {
    reader.take(space);
    if (reader.takeSign("}")) return fields.length === 0 ? null : { type: type.toLowerCase(), key, fields };
    const name = reader.take(fieldHead)?.[1];
    const value = name === undefined ? null : readValue(reader);
    if (name === undefined || value === null) return null;
    fields.push([name.toLowerCase(), value.replace(/\s+/g, " ").trim()]);
    reader.take(space);
    if (!reader.takeSign(",") && !reader.isBefore("}")) return null;
  }
}

function readValue(reader: Reader): string | null {
  if (reader.isBefore("{")) return reader.takeBraced();
  if (reader.isBefore('"')) return reader.takeQuoted();
  return reader.take(bareValue)?.[1] ?? null;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }

  isBefore(sign: string): boolean {
    return this.#text[this.#at] === sign;
  }

  takeSign(sign: string): boolean {
    if (!this.isBefore(sign)) return false;
    this.#at += 1;
    return true;
  }

  /** What stands between balanced braces; null where they are not. */
  takeBraced(): string | null {
    return this.#takeUntil("}");
  }

  takeQuoted(): string | null {
    return this.#takeUntil('"');
  }

  /** BibTeX counts braces whether or not a backslash stands before them. */
  #takeUntil(end: string): string | null {
    const begin = this.#at + 1;
    let depth = 0;
    for (let at = begin; at < this.#text.length; at += 1) {
      const sign = this.#text[at];
      if (depth === 0 && sign === end) {
        this.#at = at + 1;
        return this.#text.slice(begin, at);
      }
      if (sign === "{") depth += 1;
      if (sign === "}") depth -= 1;
      if (depth < 0) return null;
    }
    return null;
  }
}
