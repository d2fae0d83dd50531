import type { AnnotationRecord } from "./member.ts";

/**
 * Where in a record a value stands: `caption`, `caption.content` for a field of a field, `captions[idx=-1].content` for a field
 * of the first element of a list whose own field has that value, `captions[0]` by number. A name with dots or brackets of its own
 * stands in double quotes: `"a.b"`.
 */
type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "at"; readonly index: number }
  | { readonly kind: "where"; readonly name: string; readonly value: string };

const steps = /\.?(?:"([^"]+)"|([^.[\]"]+))|\[(\d+)\]|\[([^\]=]+)=([^\]]*)\]/gy;
const parsed = new Map<string, readonly Step[] | null>();

/** Null where it is none. */
function stepsOf(path: string): readonly Step[] | null {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const read = readSteps(path);
  parsed.set(path, read);
  return read;
}

function readSteps(path: string): readonly Step[] | null {
  const found: Step[] = [];
  steps.lastIndex = 0;
  while (steps.lastIndex < path.length) {
    const [, quoted, name, index, key, value] = steps.exec(path) ?? [];
    const field = quoted ?? name;
    if (field !== undefined) found.push({ kind: "field", name: field });
    else if (index !== undefined) found.push({ kind: "at", index: Number(index) });
    else if (key !== undefined) found.push({ kind: "where", name: key.trim(), value: (value ?? "").trim() });
    else return null;
  }
  return found[0]?.kind === "field" ? found : null;
}

/** What is wrong with a path of the catalogue; null where nothing is. */
export function pathProblem(path: string): string | null {
  return stepsOf(path) === null
    ? "expected a field such as caption, caption.content or captions[idx=-1].content"
    : null;
}

/** The column of a table that a path begins in. */
export function columnOf(path: string): string {
  const [first] = stepsOf(path) ?? [];
  return first?.kind === "field" ? first.name : path;
}

/** What a record has there; undefined where it has nothing of the kind. */
export function valueAt({ fields }: Pick<AnnotationRecord, "fields">, path: string): unknown {
  let value: unknown = fields;
  for (const step of stepsOf(path) ?? []) value = next(value, step);
  return value;
}

/** What names a record's media: a column of that very name, else what stands at that place. */
export function keyAt(record: Pick<AnnotationRecord, "fields">, key: string): unknown {
  return Object.hasOwn(record.fields, key) ? record.fields[key] : valueAt(record, key);
}

function next(value: unknown, step: Step): unknown {
  switch (step.kind) {
    case "field":
      return fieldOf(value, step.name);
    case "at":
      return Array.isArray(value) ? (value as unknown[])[step.index] : undefined;
    case "where":
      return Array.isArray(value)
        ? (value as unknown[]).find((item) => isText(fieldOf(item, step.name), step.value))
        : undefined;
    default:
      return step satisfies never;
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** `-1` is the text "-1" and the number -1. */
function isText(value: unknown, text: string): boolean {
  return ["string", "number", "bigint", "boolean"].includes(typeof value) && String(value) === text;
}
