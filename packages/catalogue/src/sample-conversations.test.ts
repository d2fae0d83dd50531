import type { AnnotationRecord } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { shipped } from "../testing/shipped.ts";
import { datasetWith, record, textOf, turn } from "../testing/text-of.ts";

describe("conversations", () => {
  it("may have content in parts: their text, as it is written, without the media", () => {
    const parts = [
      { type: "image", index: 0, text: null },
      { type: "text", index: null, text: "\nWhat " },
      { type: "text", text: "is" },
      { type: "image_url", image_url: { url: "x" } },
      { type: "text", text: "this?" },
    ];
    const answer = [{ type: "text", text: "A cat." }];
    for (const messages of [
      [
        { role: "user", content: parts },
        { role: "assistant", content: answer },
      ],
      [
        { from: "human", value: parts },
        { from: "gpt", value: answer },
      ],
    ])
      expect(
        textOf(datasetWith({ adapter: "conversations" }), record({ conversations: messages })),
      ).toMatchObject({
        user: "What is this?",
        assistant: "A cat.",
      });
    const odd = [{ role: "user", content: [{ type: "tool_use", id: 1 }] }];
    expect(textOf(datasetWith({ adapter: "conversations" }), record({ conversations: odd }))).toBe(
      "annotation_invalid",
    );
  });

  const dataset = datasetWith({ adapter: "conversations" });
  const human = (value: string): unknown => ({ from: "human", value });
  const gpt = (value: string): unknown => ({ from: "gpt", value });
  const talk = (...conversations: unknown[]): AnnotationRecord => record({ conversations });

  it("are turns, the first one also user and assistant, without media tokens", () => {
    const result = textOf(
      dataset,
      talk(human("<image>\nWhat?"), gpt("This."), human("Where?\n<video>"), gpt("Here.")),
    );
    expect(result).toEqual({
      caption: "This.",
      caption_from: "answer",
      user: "What?",
      assistant: "This.",
      conversations: [turn("What?", "This."), turn("Where?", "Here.")],
    });
  });

  it.each([
    ["<image>\nQ", "Q"],
    ["<image> Q", "Q"],
    ["Q\n<image>", "Q"],
    ["<image>\n<image>\nQ", "Q"],
    ["Compare <image> and <video>.", "Compare and ."],
    ["a\n<image>\nb", "a\nb"],
    ["no token <b>", "no token <b>"],
  ])("write %j as %j", (value, user) => {
    expect(textOf(dataset, talk(human(value), gpt("A")))).toMatchObject({ user });
  });

  it.each<[string, Record<string, unknown>, "annotation_invalid" | "ok"]>([
    [
      "calls in a list",
      { content: "I look.", tool_calls: [{ function: { name: "look" } }] },
      "annotation_invalid",
    ],
    [
      "a call without a text",
      { content: null, tool_calls: [{ function: { name: "look" } }] },
      "annotation_invalid",
    ],
    [
      "a call of the older form",
      { content: "I look.", function_call: { name: "look" } },
      "annotation_invalid",
    ],
    ["a column of calls that has none", { content: "A cat.", tool_calls: [], function_call: null }, "ok"],
  ])("in which a tool is called tell only half of what was said: %s", (_what, answer, outcome) => {
    const found = textOf(
      dataset,
      talk(
        { role: "user", content: "Q" },
        { role: "assistant", ...answer },
        { role: "assistant", content: "." },
      ),
    );
    expect(found).toEqual(outcome === "ok" ? expect.objectContaining({ user: "Q" }) : outcome);
  });

  it("have U+FFFD where there is half a character, which readers could not write as bytes", () => {
    const halves = talk(human("\ud83d?"), gpt("a\udc00 \ud83d\ude00"));
    expect(textOf(dataset, halves)).toMatchObject({
      ...{ user: "\ufffd?", assistant: "a\ufffd \u{1f600}", caption: "a\ufffd \u{1f600}" },
      conversations: [turn("\ufffd?", "a\ufffd \u{1f600}")],
    });
    expect(textOf(shipped("openvid-1m"), record({ caption: "\ud800 hill" }))).toMatchObject({
      caption: "\ufffd hill",
    });
  });

  it("of several records follow each other, each with its system message; unanswered questions are left out", () => {
    const result = textOf(
      dataset,
      talk(
        { role: "system", content: "Be kind" },
        { role: "user", content: "1" },
        { role: "assistant", content: "a" },
      ),
      talk(gpt("no question"), human("2"), human("3"), gpt("b"), gpt("c"), human("unanswered")),
    );
    expect(result).toMatchObject({
      caption: "a",
      conversations: [turn("1", "a", "Be kind"), turn("", "no question"), turn("2\n3", "b\nc")],
    });
  });

  it("may be JSON text, as in a CSV", () => {
    const conversations = JSON.stringify([human("Q"), gpt("A")]);
    expect(textOf(dataset, record({ conversations }))).toMatchObject({ user: "Q", assistant: "A" });
  });

  it("of another shape are invalid, and without an answer are none", () => {
    for (const conversations of [
      "text",
      { a: 1 },
      [{ from: "robot", value: "x" }],
      [{ from: "gpt" }],
      [7],
      undefined,
    ])
      expect(textOf(dataset, record({ conversations }))).toBe("annotation_invalid");
    expect(textOf(dataset, talk())).toBe("no_annotation");
    expect(textOf(dataset, talk(human("Q"), gpt(" ")))).toBe("no_annotation");
  });
});

describe("LLaVA-Video's records", () => {
  const dataset = shipped("llava-video-178k");
  const talk = (set: string, ...pairs: [string, string][]): AnnotationRecord =>
    record(
      {
        id: "x",
        conversations: pairs.flatMap(([user, assistant]) => [
          { from: "human", value: user },
          { from: "gpt", value: assistant },
        ]),
      },
      set,
    );

  it("of one video give the caption from cap and the turns from the others", () => {
    const result = textOf(
      dataset,
      talk("caption", ["<image>\nDescribe the video.", "A long description."]),
      talk("oe", ["<image>\nWho?", "She."], ["Why?", "Because."]),
      talk("mc", ["<image>\nWhich?\nA. x\nB. y", "B. y"]),
    );
    expect(result).toEqual({
      caption: "A long description.",
      caption_from: "caption",
      user: "Who?",
      assistant: "She.",
      conversations: [turn("Who?", "She."), turn("Why?", "Because."), turn("Which?\nA. x\nB. y", "B. y")],
    });
  });

  it("may be a caption alone", () => {
    expect(textOf(dataset, talk("caption", ["<image>\nDescribe.", "Text."]))).toEqual({
      caption: "Text.",
      caption_from: "caption",
      user: null,
      assistant: null,
      conversations: null,
    });
  });

  it("without one give the first answer as the caption", () => {
    expect(textOf(dataset, talk("oe", ["Who?", "She."], ["Why?", "Because."]))).toMatchObject({
      caption: "She.",
      caption_from: "answer",
    });
  });

  it("of a caption file with the wrong content are told by what they hold", () => {
    const result = textOf(dataset, talk("caption", ["<image>\nWhich?\nA. x\nB. y", "A. x"]));
    expect(result).toMatchObject({ caption: "A. x", caption_from: "answer", user: "Which?\nA. x\nB. y" });
  });
});

describe("The Cauldron's rows", () => {
  const dataset = shipped("the-cauldron");
  it("keep every turn", () => {
    const texts = [
      { user: "Q1", assistant: "A1", source: "AI2D" },
      { user: "Q2", assistant: "A2", source: "AI2D" },
    ];
    expect(textOf(dataset, record({ texts }))).toMatchObject({
      user: "Q1",
      conversations: [turn("Q1", "A1"), turn("Q2", "A2")],
    });
    expect(textOf(dataset, record({ texts: [] }))).toBe("no_annotation");
    expect(textOf(dataset, record({ texts: [{ user: "Q" }] }))).toBe("annotation_invalid");
    expect(textOf(dataset, record({ texts: null }))).toBe("annotation_invalid");
  });
});

describe("media tokens", () => {
  const texts = [{ user: "<image>\nWhat?", assistant: "This. <video>" }];
  const conversations = [
    { role: "system", content: "See <image> well." },
    { role: "user", content: "<image>\nWhat?" },
    { role: "assistant", content: "This. <video>" },
  ];
  const question = { question: "<image>\nWhat?", answer: "This. <video>" };
  const choice = { question: "<image>\nWhat?", options: ["This.", "That. <image>"], answer: 0 };
  it.each([
    ["cauldron", { texts }, "What?", "This."],
    ["conversations", { conversations }, "What?", "This."],
    ["llava-video", { conversations }, "What?", "This."],
    ["question-answer", question, "What?", "This."],
    ["multiple-choice", choice, "What?\nA. This.\nB. That.", "A. This."],
  ])("are taken out by the adapter %s", (adapter, fields, user, assistant) => {
    const found = textOf(datasetWith({ adapter }), record(fields));
    expect(found).toMatchObject({ user, assistant, caption: assistant });
    expect(JSON.stringify(found)).not.toMatch(/<image>|<video>/);
  });

  it("are taken out of captions, and a caption of nothing else is none", () => {
    const captioned = datasetWith({ adapter: "caption" });
    expect(textOf(captioned, record({ caption: "<video>\nA hill." }))).toMatchObject({ caption: "A hill." });
    expect(textOf(captioned, record({ caption: " <video>\n" }))).toBe("no_annotation");
  });
});
