import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import type { Mistake } from "./cross-check.ts";

export interface EntryProblem {
  /** Key path such as `parts.0.pieces`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly line?: number;
}

export type ReadEntry<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "invalid"; readonly problems: readonly EntryProblem[] };

/**
 * An entry from its YAML, by its schema and then by what the schema cannot see. Every mistake is told at once, with its key path and
 * its line; `checkRaw` looks at one that the schema refuses.
 */
export function readEntry<Schema extends z.ZodType>(
  yamlText: string,
  schema: Schema,
  check: (value: z.output<Schema>) => readonly Mistake[],
  checkRaw: (value: unknown) => readonly Mistake[] = () => [],
): ReadEntry<z.output<Schema>> {
  const lineCounter = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter, prettyErrors: false });
  if (document.errors.length > 0)
    return {
      kind: "invalid",
      problems: document.errors.map((error) => ({
        path: "",
        message: error.message,
        line: lineCounter.linePos(error.pos[0]).line,
      })),
    };
  const values = valuesOf(document);
  if (values.kind === "invalid") return values;
  const parsed = schema.safeParse(values.value);
  const mistakes = parsed.success
    ? check(parsed.data)
    : [...parsed.error.issues.flatMap(mistakesOfIssue), ...checkRaw(values.value)];
  if (parsed.success && mistakes.length === 0) return { kind: "ok", value: parsed.data };
  return {
    kind: "invalid",
    problems: mistakes.map(({ path, message }) => {
      const line = lineOf(document, path, lineCounter);
      return { path: path.join("."), message, ...(line === null ? {} : { line }) };
    }),
  };
}

/** `parts.0.path (line 12): message` */
export function problemText({ path, message, line }: EntryProblem): string {
  const place = [path, line === undefined ? "" : `(line ${line})`].filter((word) => word !== "").join(" ");
  return place === "" ? message : `${place}: ${message}`;
}

/** An alias of nothing, and aliases without end, are found only where they are followed. */
function valuesOf(document: Document): ReadEntry<unknown> {
  try {
    return { kind: "ok", value: document.toJS() };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { kind: "invalid", problems: [{ path: "", message: error.message }] };
  }
}

type Issue = { code?: string; path: PropertyKey[]; message: string; keys?: string[] };

/** Unknown keys are one mistake each, at their own place. */
function mistakesOfIssue(issue: Issue): Mistake[] {
  const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
  if (issue.code === "unrecognized_keys" && issue.keys !== undefined)
    return issue.keys.map((key) => ({ path: [...path, key], message: "unknown key" }));
  return [{ path, message: issue.message }];
}

/** The line of a key, or of the nearest key above it that the file has. */
function lineOf(document: Document, path: readonly (string | number)[], counter: LineCounter): number | null {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return counter.linePos(node.range[0]).line;
  }
  return null;
}
