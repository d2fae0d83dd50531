import { describe, expect, it } from "vitest";
import {
  answered,
  type Message,
  messagesOfTurn,
  type PreferencePair,
  type SampleText,
  separateTurns,
  trainingMessages,
  turnsOf,
} from "./messages.ts";

const system = (text: string): Message => ({ role: "system", text });
const user = (text: string): Message => ({ role: "user", text });
const assistant = (text: string): Message => ({ role: "assistant", text });

describe("the turns of a conversation", () => {
  it.each<[string, Message[], unknown[]]>([
    ["of nothing are none", [], []],
    [
      "are questions with their answers",
      [user("1"), assistant("a"), user("2"), assistant("b")],
      [
        { system: null, user: "1", assistant: "a" },
        { system: null, user: "2", assistant: "b" },
      ],
    ],
    [
      "take messages of one role in a row as one",
      [user("1"), user("2"), assistant("a"), assistant("b")],
      [{ system: null, user: "1\n2", assistant: "a\nb" }],
    ],
    [
      "have an empty question where there is none",
      [assistant("a")],
      [{ system: null, user: "", assistant: "a" }],
    ],
    ["lack what has no answer", [user("1"), assistant(" \n"), user("2")], []],
    [
      "each say the system message that they stand under",
      [system("S"), user("1"), assistant("a"), user("2"), assistant("b")],
      [
        { system: "S", user: "1", assistant: "a" },
        { system: "S", user: "2", assistant: "b" },
      ],
    ],
    [
      "keep a system message in its place",
      [user("1"), assistant("a"), system("S"), system("T"), user("2"), assistant("b")],
      [
        { system: null, user: "1", assistant: "a" },
        { system: "S\nT", user: "2", assistant: "b" },
      ],
    ],
    [
      "keep the system message of a question that has no answer",
      [system("S"), user("1"), assistant(""), user("2"), assistant("b")],
      [{ system: "S", user: "2", assistant: "b" }],
    ],
    [
      "have no blank system message, and none after the last answer",
      [system(" "), user("1"), assistant("a"), system("S")],
      [{ system: null, user: "1", assistant: "a" }],
    ],
  ])("%s", (_, messages, turns) => {
    expect(turnsOf(messages)).toEqual(turns);
  });
});

describe("the messages that a sample is trained on", () => {
  const asked = { system: "D", prompt: "P" };
  it.each<[string, SampleText, Message[]]>([
    [
      "ask the prompt for a caption",
      { caption: "c", conversations: [] },
      [system("D"), user("P"), assistant("c")],
    ],
    [
      "are all turns of all records, behind the caption",
      { caption: "c", conversations: [[user("1"), assistant("a")], [assistant("b")]] },
      [system("D"), user("P"), assistant("c"), user("1"), assistant("a"), user("P"), assistant("b")],
    ],
    [
      "have a record's own system message for as long as its conversation",
      {
        caption: null,
        conversations: [
          [system("S"), user("1"), assistant("a"), user("2"), assistant("b")],
          [user("3"), assistant("c")],
        ],
      },
      [
        ...[system("S"), user("1"), assistant("a"), user("2"), assistant("b")],
        ...[system("D"), user("3"), assistant("c")],
      ],
    ],
  ])("%s", (_, text, messages) => {
    expect(trainingMessages(text, asked)).toEqual(messages);
  });

  it("have neither system message nor question where none is given", () => {
    const text = { caption: "c", conversations: [[user("1"), assistant("a")]] };
    const messages = [assistant("c"), user("1"), assistant("a")];
    expect(trainingMessages(text, { system: null, prompt: null })).toEqual(messages);
  });
});

describe("separate turns", () => {
  it("are the caption and each turn, with the system message of its conversation", () => {
    const text: SampleText = {
      caption: "c",
      conversations: [
        [system("S"), user("1"), assistant("a"), user("2"), assistant("b")],
        [assistant("d"), user("no answer")],
      ],
    };
    expect(separateTurns(text)).toEqual([
      { caption: "c", conversations: [] },
      { caption: null, conversations: [[system("S"), user("1"), assistant("a")]] },
      { caption: null, conversations: [[system("S"), user("2"), assistant("b")]] },
      { caption: null, conversations: [[assistant("d")]] },
    ]);
  });

  it("say of themselves again the turns that they were", () => {
    const conversation = [
      ...[assistant("before"), system("S"), user("1"), assistant("a"), user("2"), user("3"), assistant("b")],
      ...[system("T"), assistant("c")],
    ];
    const turns = turnsOf(conversation);
    expect(turns.length).toBe(4);
    expect(turns.map((turn) => turnsOf(messagesOfTurn(turn)))).toEqual(turns.map((turn) => [turn]));
    const separate = separateTurns({ caption: null, conversations: [conversation] });
    expect(separate.flatMap(({ conversations }) => conversations.flatMap(turnsOf))).toEqual(turns);
  });

  it("are trained on as they would be together, each with its system message", () => {
    const text = {
      caption: null,
      conversations: [[system("S"), user("1"), assistant("a"), user("2"), assistant("b")], [assistant("c")]],
    };
    const asked = { system: "D", prompt: "P" };
    expect(separateTurns(text).map((one) => trainingMessages(one, asked))).toEqual([
      [system("S"), user("1"), assistant("a")],
      [system("S"), user("2"), assistant("b")],
      [system("D"), user("P"), assistant("c")],
    ]);
  });
});

describe("a pair", () => {
  const prompt = [system("S"), user("1"), assistant("a"), user("2")];
  const pair: PreferencePair = { prompt, chosen: "good", rejected: "bad" };

  it("with one of its answers is a conversation that ends with it", () => {
    expect(answered(pair, "good")).toEqual({
      caption: null,
      conversations: [[...prompt, assistant("good")]],
    });
    expect(trainingMessages(answered(pair, "bad"), { system: "D", prompt: "P" })).toEqual([
      ...[system("S"), user("1"), assistant("a"), user("2"), assistant("bad")],
    ]);
  });

  it("that asks nothing is asked the recipe's prompt", () => {
    const asked = trainingMessages(answered({ ...pair, prompt: [] }, "bad"), { system: null, prompt: "P" });
    expect(asked).toEqual([user("P"), assistant("bad")]);
  });

  it("stays whole where turns come apart", () => {
    const text: SampleText = { caption: null, conversations: [], pair };
    expect(separateTurns(text)).toEqual([text]);
  });
});
