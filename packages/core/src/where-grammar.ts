import { shown, type Word, wordsOf } from "./where-words.ts";

export type WhereValue = string | number | bigint | null;

const operators = ["==", "!=", "<", "<=", ">", ">="] as const;
export type Operator = (typeof operators)[number];

/** A `where` as it is read: nothing but this can be asked. */
export type Where =
  | { readonly kind: "and" | "or"; readonly terms: readonly Where[] }
  | { readonly kind: "not"; readonly term: Where }
  | {
      readonly kind: "compare";
      readonly field: string;
      readonly operator: Operator;
      readonly value: WhereValue;
    }
  | { readonly kind: "in"; readonly field: string; readonly values: readonly WhereValue[] }
  | { readonly kind: "contains"; readonly field: string; readonly text: string };

/** Parentheses and `not` within each other. */
const deepest = 32;

const reserved = new Set(["and", "or", "not", "in", "contains", "null"]);

class Refused extends Error {}

/** A `where` from its text, or in one line what is wrong with it. */
export function parseWhere(text: string): Where | string {
  const words = wordsOf(text);
  if (typeof words === "string") return words;
  try {
    return new Reader(text, words).whole();
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

/** or < and < not < a condition on one field or a whole in parentheses. */
class Reader {
  readonly #text: string;
  readonly #words: readonly Word[];
  #next = 0;

  constructor(text: string, words: readonly Word[]) {
    this.#text = text;
    this.#words = words;
  }

  whole(): Where {
    const where = this.#either(0);
    if (this.#next < this.#words.length) throw this.#expected("and, or, or the end");
    return where;
  }

  #either(depth: number): Where {
    return this.#chain("or", () => this.#chain("and", () => this.#one(depth)));
  }

  #chain(kind: "and" | "or", one: () => Where): Where {
    const terms = [one()];
    while (this.#take(kind)) terms.push(one());
    const [only] = terms;
    return terms.length === 1 && only !== undefined ? only : { kind, terms };
  }

  #one(depth: number): Where {
    if (depth > deepest) throw new Refused(`${deepest} within each other are the most`);
    if (this.#take("not")) return { kind: "not", term: this.#one(depth + 1) };
    if (!this.#take("(")) return this.#condition();
    const inner = this.#either(depth + 1);
    if (!this.#take(")")) throw this.#expected(")");
    return inner;
  }

  #condition(): Where {
    const field = this.#field();
    if (this.#take("contains")) return { kind: "contains", field, text: this.#quoted() };
    if (this.#take("not")) {
      if (!this.#take("in")) throw this.#expected("in");
      return { kind: "not", term: { kind: "in", field, values: this.#list() } };
    }
    if (this.#take("in")) return { kind: "in", field, values: this.#list() };
    const operator = operators.find((one) => this.#take(one));
    if (operator === undefined) throw this.#expected("==, !=, <, <=, >, >=, in or contains");
    return { kind: "compare", field, operator, value: this.#value() };
  }

  #field(): string {
    const word = this.#words[this.#next];
    if (word?.kind !== "name" || reserved.has(word.text)) throw this.#expected("the name of a field");
    this.#next += 1;
    return word.text;
  }

  #list(): WhereValue[] {
    if (!this.#take("(")) throw this.#expected("(");
    const values = [this.#value()];
    while (this.#take(",")) values.push(this.#value());
    if (!this.#take(")")) throw this.#expected(", or )");
    return values;
  }

  #value(): WhereValue {
    if (this.#take("null")) return null;
    const word = this.#words[this.#next];
    if (word?.kind !== "value") throw this.#expected("a number, or a text in quotes");
    this.#next += 1;
    return word.value;
  }

  #quoted(): string {
    const word = this.#words[this.#next];
    if (word?.kind !== "value" || typeof word.value !== "string") throw this.#expected("a text in quotes");
    this.#next += 1;
    return word.value;
  }

  #take(text: string): boolean {
    const word = this.#words[this.#next];
    if (word === undefined || word.kind === "value" || word.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #expected(what: string): Refused {
    const at = this.#words[this.#next]?.at ?? this.#text.length;
    return new Refused(`expected ${what} at ${shown(this.#text, at)}`);
  }
}

/** The one text of a `where`, whatever it was written like; read again it is the same. */
export function whereText(where: Where): string {
  switch (where.kind) {
    case "or":
      return where.terms.map(whereText).join(" or ");
    case "and":
      return where.terms.map((term) => within(term, term.kind === "or")).join(" and ");
    case "not":
      return where.term.kind === "in"
        ? `${where.term.field} not in ${listText(where.term.values)}`
        : `not ${within(where.term, where.term.kind === "or" || where.term.kind === "and")}`;
    case "compare":
      return `${where.field} ${where.operator} ${valueText(where.value)}`;
    case "in":
      return `${where.field} in ${listText(where.values)}`;
    case "contains":
      return `${where.field} contains ${valueText(where.text)}`;
    default:
      return where satisfies never;
  }
}

function within(where: Where, isApart: boolean): string {
  return isApart ? `(${whereText(where)})` : whereText(where);
}

function listText(values: readonly WhereValue[]): string {
  return `(${values.map(valueText).join(", ")})`;
}

function valueText(value: WhereValue): string {
  if (typeof value !== "string") return String(value);
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}
