import type { Seeded } from "../../../packages/core/testing/seeded.ts";

/** JSON Schema, as far as the service's document uses it. */
export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
}

const awkward = [
  "",
  " ",
  "0",
  "-1",
  "1e400",
  "constructor",
  "__proto__",
  "toString",
  "..",
  "../../etc/passwd",
  "%00",
  "\u0000",
  "a\nb",
  "nul",
  "NaN",
  "[]",
  "{}",
  "\ud800",
  "\u202e\u05d0",
  "😀".repeat(60),
  "x".repeat(5_000),
  "1-0",
  "9007199254740993",
  "0-99999999",
  "key=value",
  "(a+)+$",
  "' OR 1=1 --",
] as const;

/** A value for a schema: mostly one that fits, with names out of `known`; about one in six is something else. */
export function anyOf(schema: Schema, name: string, known: Known, seeded: Seeded): unknown {
  if (seeded.below(6) === 0)
    return seeded.pick([...awkward, null, -1, 1e300, true, [], {}, [[]]] as [unknown, ...unknown[]]);
  const names = known[name] ?? [];
  if (names.length > 0 && schema.type !== "array") return names[seeded.below(names.length)];
  if (schema.const !== undefined) return schema.const;
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return anyOf(choices[seeded.below(choices.length)] ?? {}, name, known, seeded);
  if (schema.enum !== undefined) return schema.enum[seeded.below(schema.enum.length)];
  switch (schema.type) {
    case "boolean":
      return seeded.below(2) === 0;
    case "integer":
    case "number":
      return numberOf(schema, seeded);
    case "array":
      return Array.from({ length: seeded.below(3) }, () => anyOf(schema.items ?? {}, name, known, seeded));
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => schema.required?.includes(key) === true || seeded.below(3) === 0)
          .map(([key, of]) => [key, anyOf(of, key, known, seeded)]),
      );
    default:
      return seeded.pick(awkward);
  }
}

/** Names that there are, by the name of the parameter or property. */
export type Known = Readonly<Record<string, readonly string[]>>;

function numberOf({ minimum = 0, maximum = 1_000_000 }: Schema, seeded: Seeded): number {
  return seeded.pick([minimum, minimum + seeded.below(5), maximum, minimum - 1, maximum + 1, 1.5]);
}
