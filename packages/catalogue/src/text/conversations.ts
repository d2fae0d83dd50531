import type { Message } from "@shardmill/core";
import { listedMessages } from "./listed-messages.ts";
import { conversationKeys, invalidText, type TextAdapter, textFound } from "./text-adapter.ts";

const fields = { conversations: "conversations" };

/** Message lists (LLaVA's from/value, or role/content): those of all records, in the records' order. */
export const conversationsAdapter: TextAdapter = {
  fields,
  writesKeys: conversationKeys,
  textOf(records, rule) {
    const column = rule.conversations ?? fields.conversations;
    const conversations: (readonly Message[])[] = [];
    for (const record of records) {
      const result = listedMessages(record, column);
      if (result.kind === "invalid") return invalidText(result.detail);
      conversations.push(result.messages);
    }
    return textFound({ caption: null, conversations }, "the record's conversation holds no answer");
  },
};
