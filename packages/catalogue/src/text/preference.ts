import { type AnnotationRecord, type Message, reject, turnsOf, valueAt } from "@shardmill/core";
import { messagesIn } from "./listed-messages.ts";
import {
  invalidText,
  message,
  pairKeys,
  type TextAdapter,
  type TextResult,
  type TextRule,
} from "./text-adapter.ts";
import { kindOf } from "./text-value.ts";

const fields = { prompt: "prompt", chosen: "chosen", rejected: "rejected" };
const sideNames = ["prompt", "chosen", "rejected"] as const;

/**
 * A prompt and two answers to it, the chosen one and the rejected one: texts, or lists of messages, in the forms that TRL takes
 * (https://huggingface.co/docs/trl/dataset_formats). Without a prompt of its own a pair's prompt is what both of its texts or
 * lists begin with. The first record that is a pair counts.
 */
export const preferenceAdapter: TextAdapter = {
  fields,
  optional: ["prompt"],
  writesKeys: pairKeys,
  textOf(records, rule) {
    let lacking: TextResult | null = null;
    for (const record of records) {
      const found = pairOf(record, rule);
      if (found.kind === "ok" || found.rejection.code !== "no_annotation") return found;
      lacking ??= found;
    }
    return lacking ?? without("no record is a pair");
  },
};

function pairOf(record: AnnotationRecord, rule: TextRule): TextResult {
  const columns = {
    prompt: rule.prompt ?? fields.prompt,
    chosen: rule.chosen ?? fields.chosen,
    rejected: rule.rejected ?? fields.rejected,
  };
  const sides: Record<"prompt" | "chosen" | "rejected", Message[]> = { prompt: [], chosen: [], rejected: [] };
  for (const side of sideNames) {
    const found = sideOf(
      valueAt(record, columns[side]),
      columns[side],
      side === "prompt" ? "user" : "assistant",
    );
    if (typeof found === "string") return invalidText(found);
    sides[side] = found;
  }
  for (const side of ["chosen", "rejected"] as const)
    if (isBlank(sides[side])) return without(`the record's ${columns[side]} is empty`);
  const begun = withPrompt(sides);
  return begun === null
    ? invalidText(`${columns.chosen} and ${columns.rejected} do not go on from ${columns.prompt}`)
    : judged(begun, columns);
}

/** Whether two sides are an answer each, and not the same. */
function judged({ prompt, ...sides }: Sides, columns: Record<"chosen" | "rejected", string>): TextResult {
  if (prompt.at(-1)?.role === "assistant")
    return invalidText("the prompt ends with an answer, and nothing is asked behind it");
  const answers = { chosen: "", rejected: "" };
  for (const side of ["chosen", "rejected"] as const) {
    const answer = answerOf(sides[side]);
    if (answer === null && sides[side].every(({ role }) => role === "assistant"))
      return without(`the answer of ${columns[side]} is empty`);
    if (answer === null)
      return invalidText(`${columns[side]} is more than one answer to what both are asked`);
    answers[side] = answer;
  }
  if (answers.chosen.trim() === answers.rejected.trim())
    return { kind: "rejected", rejection: reject("no_preference", "both answers are the same text") };
  return { kind: "ok", text: { caption: null, conversations: [], pair: { prompt, ...answers } } };
}

function without(detail: string): Extract<TextResult, { kind: "rejected" }> {
  return { kind: "rejected", rejection: reject("no_annotation", detail) };
}

/** The messages of one side; none where it is empty; what is wrong with it otherwise. */
function sideOf(value: unknown, column: string, role: "user" | "assistant"): Message[] | string {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") {
    const listed = /^\s*\[\s*\{/.test(value) ? messagesIn(value, column) : null;
    if (listed?.kind === "ok") return [...listed.messages];
    return value.trim() === "" ? [] : [message(role, value)];
  }
  if (!Array.isArray(value)) return `${column} is ${kindOf(value)}, expected a text or a list of messages`;
  const listed = messagesIn(value, column);
  return listed.kind === "ok" ? [...listed.messages] : listed.detail;
}

interface Sides {
  readonly prompt: readonly Message[];
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
}

/** Answers may be told with all that comes before them, beside a prompt that is its end. Null: they go on from something else. */
function withPrompt(sides: Sides): Sides | null {
  const { prompt, chosen, rejected } = sides;
  if (prompt.length === 0) return withCommonPrompt(sides);
  if (chosen[0]?.role === "assistant" && rejected[0]?.role === "assistant") return sides;
  const common = withCommonPrompt(sides);
  const end = common.prompt.slice(-prompt.length);
  return end.length === prompt.length && end.every((one, at) => isSame(one, prompt[at])) ? common : null;
}

/** What both begin with is what they are asked; of two texts their common words. */
function withCommonPrompt({ chosen, rejected }: Sides): Sides {
  const [one, other] = [chosen[0], rejected[0]];
  if (
    chosen.length === 1 &&
    rejected.length === 1 &&
    one?.role === "assistant" &&
    other?.role === "assistant"
  )
    return withCommonWords(one.text, other.text);
  let same = 0;
  while (same < Math.min(chosen.length, rejected.length) - 1 && isSame(chosen[same], rejected[same]))
    same += 1;
  return { prompt: chosen.slice(0, same), chosen: chosen.slice(same), rejected: rejected.slice(same) };
}

function isSame(one: Message | undefined, other: Message | undefined): boolean {
  return one !== undefined && one.role === other?.role && one.text === other.text;
}

/** The white space between the prompt and the answers goes with the answers, and no word is cut. */
function withCommonWords(chosen: string, rejected: string): Sides {
  let same = 0;
  while (same < Math.min(chosen.length, rejected.length) && chosen[same] === rejected[same]) same += 1;
  while (same > 0 && !/\s/.test(chosen[same] ?? "")) same -= 1;
  const prompt = chosen.slice(0, same).trimEnd();
  const from = prompt.length;
  return {
    prompt: prompt.trim() === "" ? [] : [message("user", prompt)],
    chosen: [message("assistant", prompt.trim() === "" ? chosen : chosen.slice(from))],
    rejected: [message("assistant", prompt.trim() === "" ? rejected : rejected.slice(from))],
  };
}

/** The one answer that a side is; null where it is none, or goes on. */
function answerOf(messages: readonly Message[]): string | null {
  if (messages.some(({ role }) => role !== "assistant")) return null;
  return turnsOf(messages)[0]?.assistant ?? null;
}

function isBlank(messages: readonly Message[]): boolean {
  return messages.every(({ text }) => text.trim() === "");
}
