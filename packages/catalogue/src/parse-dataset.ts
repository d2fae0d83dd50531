import { type Dataset, datasetSchema } from "@shardmill/core";
import { type Document, isNode, LineCounter, parseDocument } from "yaml";
import { crossCheck, type Mistake } from "./cross-check.ts";

export interface DatasetProblem {
  /** Key path such as `parts.0.pieces`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly line?: number;
}

export type ParsedDataset =
  | { readonly kind: "ok"; readonly dataset: Dataset }
  | { readonly kind: "invalid"; readonly problems: readonly DatasetProblem[] };

/** A catalogue entry from its YAML. Every mistake is told at once, with its key path and its line. */
export function parseDataset(yamlText: string, fileName: string): ParsedDataset {
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
  const locate = (mistake: Mistake): DatasetProblem => {
    const line = lineOf(document, mistake.path, lineCounter);
    return { path: mistake.path.join("."), message: mistake.message, ...(line === null ? {} : { line }) };
  };
  const parsed = datasetSchema.safeParse(document.toJS());
  const mistakes = parsed.success
    ? crossCheck(parsed.data, fileName)
    : parsed.error.issues.flatMap(mistakesOfIssue);
  if (parsed.success && mistakes.length === 0) return { kind: "ok", dataset: parsed.data };
  return { kind: "invalid", problems: mistakes.map(locate) };
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
