import { codes, type Message, type PreferencePair } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { datasetWith, record } from "../../testing/text-of.ts";
import { sampleText } from "./sample-text.ts";

type Fields = Record<string, unknown>;

/** The pair of the records, or the code of the row that is left out. */
function pairOf(records: readonly Fields[], names: Record<string, string> = {}): PreferencePair | string {
  const dataset = datasetWith({ adapter: "preference", ...names });
  const found = sampleText(
    dataset,
    records.map((fields) => record(fields)),
  );
  if (found.kind === "rejected") return found.rejection.code;
  const { caption, conversations, pair } = found.text;
  expect([caption, conversations]).toEqual([null, []]);
  if (pair === undefined) throw new Error("a text that is no pair");
  return pair;
}

/** As `role: text`, one a line. */
const listed = (...lines: string[]) =>
  lines.map((line) => {
    const [role = "", ...content] = line.split(": ");
    return { role, content: content.join(": ") };
  });
const told = (...lines: string[]): Message[] =>
  listed(...lines).map(({ role, content }) => ({ role: role as Message["role"], text: content }));
const asked = { prompt: told("user: Q"), chosen: "good", rejected: "bad" };

describe("a pair is read of", () => {
  it.each<[string, Fields, PreferencePair]>([
    ["three texts", { prompt: "Q", chosen: "good", rejected: "bad" }, asked],
    [
      "three lists of messages",
      {
        prompt: listed("user: Q"),
        chosen: listed("assistant: good"),
        rejected: listed("assistant: bad"),
      },
      asked,
    ],
    [
      "lists of from and value",
      {
        prompt: [{ from: "human", value: "Q" }],
        chosen: [{ from: "gpt", value: "good" }],
        rejected: [{ from: "gpt", value: "bad" }],
      },
      asked,
    ],
    [
      "lists as JSON text, as a CSV has them",
      {
        prompt: JSON.stringify(listed("user: Q")),
        chosen: ` ${JSON.stringify(listed("assistant: good"))}`,
        rejected: JSON.stringify(listed("assistant: bad")),
      },
      asked,
    ],
    [
      "a prompt of several turns under a system message",
      {
        prompt: listed("system: S", "user: 1", "assistant: a", "user: 2"),
        chosen: listed("assistant: good"),
        rejected: "bad",
      },
      {
        prompt: told("system: S", "user: 1", "assistant: a", "user: 2"),
        chosen: "good",
        rejected: "bad",
      },
    ],
    [
      "lists that begin with what both are asked",
      {
        chosen: listed("user: Q", "assistant: good"),
        rejected: listed("user: Q", "assistant: bad"),
      },
      asked,
    ],
    [
      "lists that begin with several turns",
      {
        chosen: listed("system: S", "user: 1", "assistant: a", "user: 2", "assistant: good"),
        rejected: listed("system: S", "user: 1", "assistant: a", "user: 2", "assistant: bad"),
      },
      {
        prompt: told("system: S", "user: 1", "assistant: a", "user: 2"),
        chosen: "good",
        rejected: "bad",
      },
    ],
    [
      "a prompt that both lists repeat",
      {
        prompt: "Q",
        chosen: listed("user: Q", "assistant: good"),
        rejected: listed("user: Q", "assistant: bad"),
      },
      asked,
    ],
    [
      "a prompt that both lists repeat behind a system message",
      {
        prompt: "Q",
        chosen: listed("system: S", "user: Q", "assistant: good"),
        rejected: listed("system: S", "user: Q", "assistant: bad"),
      },
      { prompt: told("system: S", "user: Q"), chosen: "good", rejected: "bad" },
    ],
    [
      "texts that begin with what both are asked, cut between words",
      { chosen: "The sky is blue.", rejected: "The sky is blond." },
      { prompt: told("user: The sky is"), chosen: " blue.", rejected: " blond." },
    ],
    [
      "texts that have nothing in common, which ask nothing",
      { chosen: "good", rejected: "bad" },
      { prompt: [], chosen: "good", rejected: "bad" },
    ],
    [
      "texts of which one is the beginning of the other",
      { prompt: "Q", chosen: "Yes.", rejected: "Yes. And no." },
      { prompt: told("user: Q"), chosen: "Yes.", rejected: "Yes. And no." },
    ],
    [
      "a text that only looks like a list",
      { prompt: "[{x}] Q", chosen: "good", rejected: "[ { bad" },
      { prompt: told("user: [{x}] Q"), chosen: "good", rejected: "[ { bad" },
    ],
    [
      "parts of messages, of which the picture's goes",
      {
        prompt: [{ role: "user", content: [{ type: "image" }, { type: "text", text: "Q" }] }],
        chosen: "good",
        rejected: "bad",
      },
      asked,
    ],
    [
      "no prompt but an empty one",
      { prompt: " ", chosen: "good", rejected: "bad" },
      { ...asked, prompt: [] },
    ],
  ])("%s", (_, fields, pair) => {
    expect(pairOf([fields])).toEqual(pair);
  });

  it("columns under other names", () => {
    const names = { prompt: "question", chosen: "yes", rejected: "no" };
    expect(pairOf([{ question: "Q", yes: "good", no: "bad", chosen: 5 }], names)).toEqual(asked);
  });

  it("the first record that has one", () => {
    expect(
      pairOf([
        { chosen: "", rejected: "x" },
        { prompt: "Q", chosen: "good", rejected: "bad" },
      ]),
    ).toEqual(asked);
  });

  it("texts that share their words to the last, which is the rejected answer's end", () => {
    const pair = pairOf([{ chosen: "So it is, indeed.", rejected: "So it is" }]);
    // An answer without a word teaches nothing.
    expect(pair).toEqual({ prompt: told("user: So it"), chosen: " is, indeed.", rejected: " is" });
  });
});

describe("a row is left out", () => {
  const both = { prompt: "Q", chosen: "good", rejected: "bad" };
  it.each<[string, string, Fields]>([
    ["no_preference", "both answers are the same", { ...both, rejected: "good" }],
    ["no_preference", "they differ in white space about them alone", { ...both, rejected: " good\n" }],
    [
      "no_preference",
      "both lists are the same",
      { chosen: listed("user: Q", "assistant: a"), rejected: listed("user: Q", "assistant: a") },
    ],
    ["no_annotation", "it has no columns", {}],
    ["no_annotation", "the chosen answer is empty", { ...both, chosen: "" }],
    ["no_annotation", "the rejected answer is blank", { ...both, rejected: " \n" }],
    ["no_annotation", "an answer is null", { ...both, rejected: null }],
    ["no_annotation", "a list is empty", { ...both, chosen: [] }],
    ["no_annotation", "a list's answer is blank", { ...both, chosen: listed("assistant: ") }],
    [
      "no_annotation",
      "an answer is blank behind the prompt",
      { chosen: listed("user: Q", "assistant: good"), rejected: listed("user: Q", "assistant:  ") },
    ],
    ["annotation_invalid", "a role is not known", { ...both, chosen: listed("tool: good") }],
    ["annotation_invalid", "an answer is a number", { ...both, chosen: 5 }],
    ["annotation_invalid", "a prompt is a number", { ...both, prompt: 5n }],
    ["annotation_invalid", "a side is an object", { ...both, chosen: { role: "assistant", content: "a" } }],
    ["annotation_invalid", "a message is a text", { ...both, chosen: ["good"] }],
    [
      "annotation_invalid",
      "the prompt ends with an answer",
      { ...both, prompt: listed("user: Q", "assistant: so far") },
    ],
    [
      "annotation_invalid",
      "what both lists begin with ends with an answer",
      {
        chosen: listed("user: Q", "assistant: so far", "assistant: good"),
        rejected: listed("user: Q", "assistant: so far", "assistant: bad"),
      },
    ],
    [
      "annotation_invalid",
      "an answer goes on",
      { ...both, chosen: listed("assistant: a", "user: 2", "assistant: b") },
    ],
    [
      "annotation_invalid",
      "the lists part before the last answer",
      {
        chosen: listed("user: 1", "assistant: a", "user: 2", "assistant: b"),
        rejected: listed("user: 1", "assistant: x", "user: 2", "assistant: y"),
      },
    ],
    [
      "annotation_invalid",
      "a list ends with a question",
      { ...both, chosen: listed("user: Q"), rejected: listed("user: Q", "assistant: bad") },
    ],
    [
      "annotation_invalid",
      "the lists go on from another question than the prompt",
      {
        prompt: "Q",
        chosen: listed("user: other", "assistant: a"),
        rejected: listed("user: other", "assistant: b"),
      },
    ],
  ])("as %s where %s", (code, _, fields) => {
    expect(pairOf([fields])).toBe(code);
    expect(Object.hasOwn(codes, code)).toBe(true);
  });
});
