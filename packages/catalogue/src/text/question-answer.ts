import type { Message } from "@shardmill/core";
import { conversationKeys, invalidText, message, type TextAdapter, textFound } from "./text-adapter.ts";
import { textValue } from "./text-value.ts";

const fields = { question: "question", answer: "answer" };

/** Two columns, a question and its answer; each record is a turn. Records that lack either are left out. */
export const questionAnswerAdapter: TextAdapter = {
  fields,
  writesKeys: conversationKeys,
  textOf(records, rule) {
    const question = rule.question ?? fields.question;
    const answer = rule.answer ?? fields.answer;
    const conversations: Message[][] = [];
    for (const record of records) {
      const user = textValue(record, question);
      const assistant = textValue(record, answer);
      for (const value of [user, assistant]) if (value.kind === "invalid") return invalidText(value.detail);
      if (user.kind === "text" && assistant.kind === "text")
        conversations.push([message("user", user.text), message("assistant", assistant.text)]);
    }
    return textFound({ caption: null, conversations }, `no record has both ${question} and ${answer}`);
  },
};
