import { type AnnotationRecord, parseExactJson, type Turn } from "@shardmill/core";
import { contentText } from "./content-text.ts";
import { withoutMediaTokens } from "./media-token.ts";
import { kindOf } from "./text-value.ts";

type Role = "user" | "assistant" | "system";

const roles: Record<string, Role> = {
  human: "user",
  user: "user",
  gpt: "assistant",
  assistant: "assistant",
  system: "system",
};

interface Message {
  readonly role: Role;
  readonly text: string;
}

export type TurnsResult =
  | { readonly kind: "ok"; readonly turns: Turn[] }
  | { readonly kind: "invalid"; readonly detail: string };

/**
 * A list of messages (`from`/`value` with human and gpt, or `role`/`content`) as turns. Messages of one role in a row
 * are one; an answer without a question has an empty one; a question without an answer, and system messages, teach
 * nothing and are left out.
 */
export function conversationTurns(record: AnnotationRecord, field: string): TurnsResult {
  const value = record.fields[field];
  const list = parsedList(value);
  if (list === null)
    return { kind: "invalid", detail: `expected a list of messages in ${field}, found ${kindOf(value)}` };
  const messages: Message[] = [];
  for (const item of list) {
    const message = messageOf(item);
    if (typeof message === "string") return { kind: "invalid", detail: `a message of ${field} ${message}` };
    messages.push(message);
  }
  return { kind: "ok", turns: pairs(messages) };
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
  const found = contentText(content);
  if (found.kind === "invalid") return `has as its text ${found.detail}`;
  return { role: known, text: withoutMediaTokens(found.text) };
}

function pairs(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  let user: string[] = [];
  let assistant: string[] = [];
  const flush = (): void => {
    const answer = assistant.join("\n");
    if (answer.trim() !== "") turns.push({ user: user.join("\n"), assistant: answer });
    user = [];
    assistant = [];
  };
  for (const { role, text } of messages) {
    if (role === "system") continue;
    if (role === "user" && assistant.length > 0) flush();
    (role === "user" ? user : assistant).push(text);
  }
  flush();
  return turns;
}
