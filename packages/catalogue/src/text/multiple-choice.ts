import { type AnnotationRecord, type Message, parseExactJson } from "@shardmill/core";
import { valueAt } from "./record-path.ts";
import { conversationKeys, invalidText, message, type TextAdapter, textFound } from "./text-adapter.ts";
import { kindOf, textValue } from "./text-value.ts";

const fields = { question: "question", options: "options", answer: "answer" };

/**
 * A question, its options and the right one; a question without options and its answer. The options are listed below the
 * question as `A. text`, and the answer is the right one's line. Upstream gives the answer as a letter, as the option's text or as a number from 0.
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
      const question = textValue(record, columns.question);
      if (question.kind === "invalid") return invalidText(question.detail);
      if (question.kind === "none") continue;
      const listed = valueAt(record, columns.options);
      const open = isNone(listed) ? openTurn(record, question.text, columns.answer) : null;
      if (open?.kind === "invalid") return invalidText(open.detail);
      if (open !== null) {
        conversations.push(...open.turns);
        continue;
      }
      const options = optionTexts(listed);
      if (options === null)
        return invalidText(
          `expected a list of 2 to 26 options in ${columns.options}, found ${kindOf(listed)}`,
        );
      const answer = valueAt(record, columns.answer);
      const right = rightOption(answer, options);
      if (right === null)
        return invalidText(`${columns.answer} (${kindOf(answer)}) is none of the ${options.length} options`);
      const lines = options.map((option, index) => `${letter(index)}. ${option}`);
      const asked = message("user", question.text).text;
      conversations.push([
        message("user", [asked, ...lines].join("\n")),
        message("assistant", lines[right] ?? ""),
      ]);
    }
    return textFound({ caption: null, conversations }, `no record has a ${columns.question}`);
  },
};

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
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function letter(index: number): string {
  return String.fromCharCode(65 + index);
}

/** The options without letters of their own: `A. text`, `(A) text` and `text` are the same. */
function optionTexts(value: unknown): string[] | null {
  let list: unknown = value;
  if (typeof value === "string") {
    try {
      list = parseExactJson(value).value;
    } catch {
      return null;
    }
  }
  if (!Array.isArray(list) || list.length < 2 || list.length > 26) return null;
  const texts = list.map((option: unknown) => (typeof option === "string" ? option.trim() : null));
  if (texts.some((text) => text === null || text === "")) return null;
  const known = texts.filter((text) => text !== null);
  const lettered = known.every((text, index) => ownLetter(text)?.letter === letter(index));
  return lettered ? known.map((text) => ownLetter(text)?.rest ?? text) : known;
}

function ownLetter(text: string): { letter: string; rest: string } | null {
  const match = /^\(?([A-Z])[.):]\s*(.+)$/s.exec(text);
  return match === null ? null : { letter: match[1] ?? "", rest: match[2] ?? "" };
}

function rightOption(answer: unknown, options: readonly string[]): number | null {
  if (typeof answer === "number" || typeof answer === "bigint") {
    const index = Number(answer);
    return Number.isInteger(index) && index >= 0 && index < options.length ? index : null;
  }
  if (typeof answer !== "string") return null;
  const text = answer.trim();
  const byText = options.indexOf(text);
  if (byText >= 0) return byText;
  const named = /^\(?([A-Z])(?:[.):].*)?$/s.exec(text)?.[1];
  const index = named === undefined ? -1 : named.charCodeAt(0) - 65;
  return index >= 0 && index < options.length ? index : null;
}
