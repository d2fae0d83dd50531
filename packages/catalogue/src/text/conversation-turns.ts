import type { AnnotationRecord, Turn } from "@shardmill/core";
import { withoutMediaTokens } from "./media-token.ts";

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
  const list = parsedList(record.fields[field]);
  if (list === null) return { kind: "invalid", detail: `expected a list of messages in ${field}` };
  const messages: Message[] = [];
  for (const item of list) {
    const message = messageOf(item);
    if (message === null)
      return {
        kind: "invalid",
        detail: `a message of ${field} is neither from/value nor role/content with a known role`,
      };
    messages.push(message);
  }
  return { kind: "ok", turns: pairs(messages) };
}

/** A CSV holds a list as JSON text. */
function parsedList(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value;
  if (typeof value !== "string") return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function messageOf(item: unknown): Message | null {
  if (typeof item !== "object" || item === null) return null;
  const fields: Record<string, unknown> = { ...item };
  const role = fields.from ?? fields.role;
  const text = fields.value ?? fields.content;
  if (typeof role !== "string" || typeof text !== "string") return null;
  const known = Object.hasOwn(roles, role) ? roles[role] : undefined;
  return known === undefined ? null : { role: known, text: withoutMediaTokens(text) };
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
