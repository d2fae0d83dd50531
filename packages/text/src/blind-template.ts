import type { Template } from "@huggingface/jinja";

/** A statement or expression of a parsed template: its type, and parts that are known by their names. */
interface Node {
  readonly type: string;
  readonly [part: string]: unknown;
}

const ofLoop = new Set(["index", "index0", "revindex", "revindex0", "first", "last", "length"]);

/**
 * Whether a template writes contents as they are and looks at nothing of them: then what it writes besides follows from the roles.
 * It is known of those that use a message's `content` only as what they write, alone or joined to other texts, and `messages` only
 * to loop over them or to ask for the role of one. Of any other, false.
 */
export function isBlindToContents({ parsed }: Template): boolean {
  return new BlindTemplate(parsed as unknown as Node).isBlind;
}

class BlindTemplate {
  readonly #loopNames = new Set<unknown>();
  readonly isBlind: boolean;

  constructor(program: Node) {
    this.isBlind = this.#body(program.body);
  }

  #body(statements: unknown): boolean {
    return Array.isArray(statements) && statements.every((statement) => this.#statement(statement as Node));
  }

  #statement(node: Node): boolean {
    switch (node.type) {
      case "For":
        return this.#loop(node);
      case "If":
        return this.#expression(node.test) && this.#body(node.body) && this.#body(node.alternate);
      case "Comment":
        return true;
      case "Set":
        return isName(node.assignee) && this.#expression(node.value) && this.#body(node.body);
      default:
        return this.#written(node);
    }
  }

  /** Over messages, whose name then stands for one wherever it is met. */
  #loop({ loopvar, iterable, body, defaultBlock }: Node): boolean {
    if (!isName(loopvar) || !isName(iterable, "messages")) return false;
    this.#loopNames.add(loopvar.value);
    return this.#body(body) && this.#body(defaultBlock);
  }

  /** What is written: contents too, joined to texts or not. */
  #written(node: unknown): boolean {
    if (!isNode(node)) return false;
    if (node.type === "BinaryExpression" && isJoin(node.operator))
      return this.#written(node.left) && this.#written(node.right);
    return this.#isOf(node, "content") || this.#expression(node);
  }

  /** Whatever is computed: of messages it takes the role alone. */
  #expression(node: unknown): boolean {
    if (node === null) return true;
    if (!isNode(node)) return false;
    switch (node.type) {
      case "StringLiteral":
      case "IntegerLiteral":
      case "FloatLiteral":
        return true;
      case "Identifier":
        return node.value !== "messages" && node.value !== "loop" && !this.#loopNames.has(node.value);
      case "BinaryExpression":
        return this.#expression(node.left) && this.#expression(node.right);
      case "UnaryExpression":
        return this.#expression(node.argument);
      case "CallExpression":
        return isName(node.callee, "raise_exception") && this.#all(node.args);
      case "MemberExpression":
        return this.#isOf(node, "role") || (isName(node.object, "loop") && ofLoop.has(propertyOf(node)));
      default:
        return false;
    }
  }

  #all(nodes: unknown): boolean {
    return Array.isArray(nodes) && nodes.every((node) => this.#expression(node));
  }

  /** `message['role']` of a loop, or `messages[0]['role']`. */
  #isOf(node: Node, property: "role" | "content"): boolean {
    if (node.type !== "MemberExpression" || propertyOf(node) !== property || !isNode(node.object))
      return false;
    const { object } = node;
    if (object.type === "Identifier") return this.#loopNames.has(object.value);
    return (
      object.type === "MemberExpression" &&
      isName(object.object, "messages") &&
      isNode(object.property) &&
      object.property.type === "IntegerLiteral"
    );
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function isName(value: unknown, name?: string): value is Node {
  return isNode(value) && value.type === "Identifier" && (name === undefined || value.value === name);
}

function isJoin(operator: unknown): boolean {
  return typeof operator === "object" && operator !== null && "value" in operator && operator.value === "+";
}

/** The name behind a dot, or a text in brackets. */
function propertyOf({ computed, property }: Node): string {
  if (!isNode(property) || property.type !== (computed === true ? "StringLiteral" : "Identifier")) return "";
  return typeof property.value === "string" ? property.value : "";
}
