import { z } from "zod";
import { type Operator, parseWhere, type Where, type WhereValue, whereText } from "./where-grammar.ts";

export type WhereType = "number" | "text";

/** What a condition can be on, by name. */
export type WhereFields = ReadonlyMap<string, WhereType>;

/** Null: it has none. Not there: it is not known yet. */
export type WhereValues = ReadonlyMap<string, WhereValue>;

/** In a recipe: in the one way to write it, so that blanks make no other recipe. */
export const whereSchema = z
  .string("expected a text such as duration >= 5")
  .transform((text, context) => {
    const where = parseWhere(text);
    if (typeof where !== "string") return whereText(where);
    context.addIssue({ code: "custom", message: where });
    return z.NEVER;
  })
  .optional();

const parsed = new Map<string, Where>();
const mostParsed = 100;

/** Of a text that the schema has passed. */
function whereOf(text: string): Where {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const where = parseWhere(text);
  if (typeof where === "string") throw new Error(`a recipe has where ${text}: ${where}`);
  if (parsed.size >= mostParsed) parsed.clear();
  parsed.set(text, where);
  return where;
}

/** What a dataset cannot be asked, in one line; null where it can be asked all. */
export function whereProblem(text: string, fields: WhereFields): string | null {
  for (const condition of conditionsIn(whereOf(text))) {
    const type = fields.get(condition.field);
    if (type === undefined)
      return `there is no field ${condition.field}; known are ${[...fields.keys()].join(", ")}`;
    const problem = mismatch(condition, type);
    if (problem !== null) return problem;
  }
  return null;
}

type Condition = Exclude<Where, { kind: "and" | "or" | "not" }>;

function conditionsIn(where: Where): Condition[] {
  if ("terms" in where) return where.terms.flatMap(conditionsIn);
  return "term" in where ? conditionsIn(where.term) : [where];
}

function mismatch(condition: Condition, type: WhereType): string | null {
  const { field } = condition;
  if (condition.kind === "contains")
    return type === "text" ? null : `${field} is a number, and contains is of texts`;
  const values = condition.kind === "in" ? condition.values : [condition.value];
  const other = values.find((value) => value !== null && (typeof value === "string") !== (type === "text"));
  if (other !== undefined) return `${field} is a ${type}, and ${whereText(condition)} is not of one`;
  if (condition.kind === "in" || condition.operator === "==" || condition.operator === "!=") return null;
  if (type === "text") return `${field} is a text: ask for ==, !=, in or contains`;
  return values.includes(null) ? `${whereText(condition)}: null can only be == or !=` : null;
}

/**
 * The rule that leaves a sample out, as text: of what stands between `and` the first that is not so. Null where all is so,
 * or may still be when more is known.
 */
export function ruledOut(text: string | undefined, values: WhereValues): string | null {
  if (text === undefined) return null;
  const where = whereOf(text);
  const rules = where.kind === "and" ? where.terms : [where];
  const broken = rules.find((rule) => judge(rule, values) === false);
  return broken === undefined ? null : whereText(broken);
}

/** Null: not known yet. */
function judge(where: Where, values: WhereValues): boolean | null {
  switch (where.kind) {
    case "and":
      return all(where.terms.map((term) => judge(term, values)));
    case "or":
      return negated(all(where.terms.map((term) => negated(judge(term, values)))));
    case "not":
      return negated(judge(where.term, values));
    default: {
      const value = values.get(where.field);
      return value === undefined ? null : fits(where, value);
    }
  }
}

function all(answers: readonly (boolean | null)[]): boolean | null {
  if (answers.includes(false)) return false;
  return answers.includes(null) ? null : true;
}

function negated(answer: boolean | null): boolean | null {
  return answer === null ? null : !answer;
}

/** A field without a value fits nothing but null. */
function fits(condition: Condition, value: WhereValue): boolean {
  switch (condition.kind) {
    case "compare":
      return compares(value, condition.operator, condition.value);
    case "in":
      return condition.values.some((one) => compares(value, "==", one));
    case "contains":
      return typeof value === "string" && value.normalize("NFC").includes(condition.text.normalize("NFC"));
    default:
      return condition satisfies never;
  }
}

function compares(value: WhereValue, operator: Operator, asked: WhereValue): boolean {
  if (value === null || asked === null) {
    const areBoth = value === asked;
    return operator === "==" ? areBoth : operator === "!=" && asked === null && !areBoth;
  }
  const [a, b] = [value, asked].map((one) => (typeof one === "string" ? one.normalize("NFC") : one));
  if (a === undefined || b === undefined) return false;
  // A whole number beyond 2^53 is a BigInt: `<` compares it with a number to the digit, `===` does not.
  const order = a < b ? -1 : a > b ? 1 : 0;
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    default:
      return operator satisfies never;
  }
}
