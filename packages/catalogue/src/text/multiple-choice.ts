import { type AnnotationRecord, type Message, valueAt } from "@shardmill/core";
import { optionTexts, questionAndOptions, rightOption } from "./options.ts";
import { conversationKeys, invalidText, message, type TextAdapter, textFound } from "./text-adapter.ts";
import { kindOf, textValue } from "./text-value.ts";

const fields = { question: "question", options: "options", answer: "answer" };

/**
 * A question, its options and the right one; a question without options and its answer. The options are listed below the
 * question as `A. text`, and the answer is the right one's line.
 */
export const multipleChoiceAdapter: TextAdapter = {
  fields,
  lackable: ["options"],
  writesKeys: conversationKeys,
  textOf(records, rule) {
    const columns = {
      question: rule.question ?? fields.question,
      options: rule.options ?? fields.options,
      answer: rule.answer ?? fields.answer,
    };
    const conversations: Message[][] = [];
    for (const record of records) {
      const text = textValue(record, columns.question);
      if (text.kind === "invalid") return invalidText(text.detail);
      if (text.kind === "none") continue;
      const { question, options: listed } = askedIn(record, columns, text.text);
      const open = isNone(listed) ? openTurn(record, question, columns.answer) : null;
      if (open?.kind === "invalid") return invalidText(open.detail);
      if (open !== null) {
        conversations.push(...open.turns);
        continue;
      }
      const options = optionTexts(listed);
      if (options === null)
        return invalidText(`expected 2 to 26 options in ${columns.options}, found ${kindOf(listed)}`);
      const answer = valueAt(record, columns.answer);
      const right = rightOption(answer, options);
      if (typeof right === "string")
        return invalidText(
          `${columns.answer} (${kindOf(answer)}) is ${right} of the ${options.length} options`,
        );
      const lines = options.map((option, index) => `${letter(index)}. ${option}`);
      const asked = message("user", question).text;
      conversations.push([
        message("user", [asked, ...lines].join("\n")),
        message("assistant", lines[right] ?? ""),
      ]);
    }
    return textFound({ caption: null, conversations }, `no record has a ${columns.question}`);
  },
};

/** The question and its options, which may stand in one column. */
function askedIn(
  record: AnnotationRecord,
  columns: { readonly question: string; readonly options: string },
  text: string,
): { readonly question: string; readonly options: unknown } {
  if (columns.options === columns.question) return questionAndOptions(text);
  return { question: text, options: valueAt(record, columns.options) };
}

/** Tasks of one benchmark may have questions with options and without: those are answered in words. */
function openTurn(
  record: AnnotationRecord,
  question: string,
  column: string,
):
  | { readonly kind: "turns"; readonly turns: Message[][] }
  | { readonly kind: "invalid"; readonly detail: string } {
  const answer = textValue(record, column);
  if (answer.kind === "invalid") return answer;
  if (answer.kind === "none") return { kind: "turns", turns: [] };
  return { kind: "turns", turns: [[message("user", question), message("assistant", answer.text)]] };
}

function isNone(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === "string" && value.trim() === "")
  );
}

function letter(index: number): string {
  return String.fromCharCode(65 + index);
}
