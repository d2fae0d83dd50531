import { type AnnotationRecord, type Message, parseExactJson, type Role, valueAt } from "@shardmill/core";
import { contentText } from "./content-text.ts";
import { message } from "./text-adapter.ts";
import { kindOf } from "./text-value.ts";

const roles: Record<string, Role> = {
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  system: "system",
};

/** What a message holds beside its text where it calls tools. A column of such is there in every row, and empty in most. */
const callKeys = ["tool_calls", "function_call"];

export type MessagesResult =
  | { readonly kind: "ok"; readonly messages: readonly Message[] }
  | { readonly kind: "invalid"; readonly detail: string };

/** A record's list of messages (`from`/`value` with human and gpt, or `role`/`content`), in its order. */
export function listedMessages(record: AnnotationRecord, field: string): MessagesResult {
  return messagesIn(valueAt(record, field), field);
}

/** Likewise of a value; `field` is what a problem calls it. */
export function messagesIn(value: unknown, field: string): MessagesResult {
  const list = parsedList(value);
  if (list === null)
    return { kind: "invalid", detail: `expected a list of messages in ${field}, found ${kindOf(value)}` };
  const messages: Message[] = [];
  for (const item of list) {
    const found = messageOf(item);
    if (typeof found === "string") return { kind: "invalid", detail: `a message of ${field} ${found}` };
    messages.push(found);
  }
  return { kind: "ok", messages };
}

/** A CSV holds a list as JSON text. */
function parsedList(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return null;
  try {
    const parsed = parseExactJson(value).value;
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isCall(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
  );
}

/** The message, or what is wrong with it. */
function messageOf(item: unknown): Message | string {
  if (typeof item !== "object" || item === null || Array.isArray(item))
    return `is ${kindOf(item)}, expected an object`;
  const fields: Record<string, unknown> = { ...item };
  const role = fields.from ?? fields.role;
  const content = fields.value ?? fields.content;
  if (typeof role !== "string" || content === undefined)
    return "is neither from/value nor role/content with a known role";
  const known = Object.hasOwn(roles, role) ? roles[role] : undefined;
  if (known === undefined)
    return `has no known role but ${role.slice(0, 40)}; known are ${Object.keys(roles).join(", ")}`;
  if (callKeys.some((key) => isCall(fields[key]))) return "calls a tool, which no text tells";
  const found = contentText(content);
  if (found.kind === "invalid") return `has as its text ${found.detail}`;
  return message(known, found.text);
}
