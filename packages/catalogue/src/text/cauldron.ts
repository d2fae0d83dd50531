import { type Message, valueAt } from "@shardmill/core";
import { conversationKeys, invalidText, message, type TextAdapter, textFound } from "./text-adapter.ts";
import { kindOf } from "./text-value.ts";

const fields = { conversations: "texts" };

/** The Cauldron's `texts`: a list of `{user, assistant, source}`. Every turn is kept, not only the last. */
export const cauldronAdapter: TextAdapter = {
  fields,
  writesKeys: conversationKeys,
  textOf(records, rule) {
    const column = rule.conversations ?? fields.conversations;
    const conversations: Message[][] = [];
    for (const record of records) {
      const list = valueAt(record, column);
      if (!Array.isArray(list))
        return invalidText(`expected a list of turns in ${column}, found ${kindOf(list)}`);
      const turns = list.map(messagesOf);
      const messages = turns.flatMap((turn) => turn ?? []);
      if (turns.includes(null)) return invalidText(`a turn of ${column} lacks its user or assistant text`);
      conversations.push(messages);
    }
    return textFound({ caption: null, conversations }, `${column} holds no answer`);
  },
};

function messagesOf(item: unknown): Message[] | null {
  if (typeof item !== "object" || item === null) return null;
  const { user, assistant }: { user?: unknown; assistant?: unknown } = item;
  if (typeof user !== "string" || typeof assistant !== "string") return null;
  return [message("user", user), message("assistant", assistant)];
}
