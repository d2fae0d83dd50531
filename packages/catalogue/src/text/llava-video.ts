import { type Message, turnsOf } from "@shardmill/core";
import { listedMessages } from "./listed-messages.ts";
import { conversationKeys, invalidText, type TextAdapter, textFound } from "./text-adapter.ts";

const fields = { conversations: "conversations" };

/**
 * LLaVA-Video's three files speak of the same videos: the answer of a record of the set `caption` is the caption, all
 * other records are conversations. At some revisions a file held the content of another, so that a record of the caption
 * file that is no single description counts as a conversation.
 */
export const llavaVideoAdapter: TextAdapter = {
  fields,
  writesKeys: conversationKeys,
  textOf(records, rule) {
    const column = rule.conversations ?? fields.conversations;
    let caption: string | null = null;
    const conversations: (readonly Message[])[] = [];
    for (const record of records) {
      const result = listedMessages(record, column);
      if (result.kind === "invalid") return invalidText(result.detail);
      const only = record.set === "caption" ? singleDescription(result.messages) : null;
      if (only === null) conversations.push(result.messages);
      else caption ??= only;
    }
    return textFound({ caption, conversations }, "no record of this video holds a text");
  },
};

function singleDescription(messages: readonly Message[]): string | null {
  const [first, second] = turnsOf(messages);
  if (first === undefined || second !== undefined) return null;
  const hasOptions = /^\(?A[.)]\s/m.test(first.user) && /^\(?B[.)]\s/m.test(first.user);
  return hasOptions ? null : first.assistant;
}
