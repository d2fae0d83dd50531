import { type AnnotationRecord, type Dataset, datasetSchema } from "@shardmill/core";
import { describe, expect, it } from "vitest";
import { shipped } from "../testing/shipped.ts";
import { composeSampleJson, sampleText } from "./index.ts";

function datasetWith(text: unknown, fields: unknown = {}): Dataset {
  return datasetSchema.parse({ ...shipped("openvid-1m"), text, fields });
}

function record(fields: Record<string, unknown>, set = "records"): AnnotationRecord {
  return { set, fields };
}

/** What is written of the records' text, or the code of the member that is left out. */
function textOf(dataset: Dataset, ...records: AnnotationRecord[]): unknown {
  const result = sampleText(dataset, records);
  if (result.kind === "rejected") return result.rejection.code;
  const json = composeSampleJson(dataset, {
    part: { subset: null, part: 0 },
    member: "m",
    frameCount: 0,
    text: result.text,
    fields: {},
    media: { kind: "frames" },
  });
  const keys = ["caption", "caption_from", "user", "assistant", "conversations"];
  return Object.fromEntries(Object.entries(JSON.parse(json)).filter(([key]) => keys.includes(key)));
}

function turn(user: string, assistant: string, system: string | null = null): unknown {
  return { system, user, assistant };
}

describe("a caption", () => {
  const dataset = shipped("openvid-1m");

  it("is kept to the letter, with its scores as numbers and null where empty or no number", () => {
    const fields = {
      caption: ' A, "b"\n ',
      "aesthetic score": "5",
      "motion score": "",
      "temporal consistency score": "0x10",
      "camera motion": "pan_left",
    };
    expect(sampleText(dataset, [record(fields)])).toEqual({
      kind: "ok",
      text: { caption: ' A, "b"\n ', conversations: [] },
      fields: {
        aesthetic_score: 5,
        motion_score: null,
        temporal_consistency_score: null,
        camera_motion: "pan_left",
      },
    });
  });

  it("that is blank, null or not there is none, and nothing is invented", () => {
    for (const caption of ["", " \n", null, undefined])
      expect(textOf(dataset, record({ caption }))).toBe("no_annotation");
    expect(textOf(dataset)).toBe("no_annotation");
  });

  it("is the caption alone, and says so", () => {
    expect(textOf(dataset, record({ caption: "A <image>" }))).toEqual({
      caption: "A <image>",
      caption_from: "caption",
    });
  });
});

describe("a value of another type than text", () => {
  const detailOf = (text: unknown, fields: Record<string, unknown>): string => {
    const result = sampleText(datasetWith(text), [record(fields)]);
    return result.kind === "ok" ? "ok" : `${result.rejection.code}: ${result.rejection.detail}`;
  };
  const choice = { adapter: "multiple-choice" };
  const options = ["a", "b"];
  it.each([
    [{ adapter: "caption" }, { caption: ["a"] }, "caption is a list"],
    [{ adapter: "caption" }, { caption: 5 }, "caption is a number"],
    [{ adapter: "caption" }, { caption: false }, "caption is true or false"],
    [{ adapter: "caption" }, { caption: { en: "x" } }, "caption is an object"],
    [{ adapter: "question-answer" }, { question: ["q"], answer: "a" }, "question is a list"],
    [{ adapter: "question-answer" }, { question: "q", answer: 4 }, "answer is a number"],
    [choice, { question: {}, options, answer: 0 }, "question is an object"],
    [choice, { question: "q", options: { a: 1 }, answer: 0 }, "in options, found an object"],
    [choice, { question: "q", options, answer: true }, "answer (true or false) is none"],
    [{ adapter: "conversations" }, { conversations: { a: 1 } }, "in conversations, found an object"],
    [
      { adapter: "conversations" },
      { conversations: [{ from: "gpt", value: 5 }] },
      "has as its text a number",
    ],
    [{ adapter: "conversations" }, { conversations: ["hi"] }, "is a text, expected an object"],
    [
      { adapter: "conversations" },
      { conversations: [{ from: "model", value: "x" }] },
      "no known role but model",
    ],
    [{ adapter: "cauldron" }, { texts: "x" }, "in texts, found a text"],
  ])("is an invalid annotation that says what was found: %j %j", (text, fields, detail) => {
    const found = detailOf(text, fields);
    expect(found).toMatch(/^annotation_invalid: /);
    expect(found).toContain(detail);
  });
});

describe("fields", () => {
  const fieldOf = (value: unknown, type: string): unknown => {
    const result = sampleText(datasetWith({ adapter: "caption" }, { f: { from: "f", type } }), [
      record({ caption: "c", f: value }),
    ]);
    return result.kind === "ok" ? result.fields.f : result;
  };
  it.each([
    ["7352910847997496619", 7352910847997496619n],
    [7352910847997496619n, 7352910847997496619n],
    ["-18446744073709551616", -(2n ** 64n)],
    ["9007199254740993.0", 9007199254740993n],
    [2 ** 53, null],
    [1e20, null],
    ["1e3", 1000],
    ["1e20", null],
    ["1.0", 1],
    ["007", 7],
    [1.5, null],
    ["9007199254740991.4", null],
    ["0.99999999999999999999", null],
    ["NaN", null],
    [true, null],
  ])("of type int are whole numbers to the digit, or null: %s", (value, expected) => {
    expect(fieldOf(value, "int")).toBe(expected);
  });

  it("of type string show every digit, and of type float the nearest double", () => {
    expect(fieldOf(7352910847997496619n, "string")).toBe("7352910847997496619");
    expect(fieldOf({ id: [7352910847997496619n] }, "string")).toBe('{"id":[7352910847997496619]}');
    expect(fieldOf("007", "string")).toBe("007");
    expect(fieldOf(2n ** 64n, "float")).toBe(2 ** 64);
    expect(fieldOf("1e400", "float")).toBe(null);
  });
});

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
});

describe("questions", () => {
  it("with answers come from any two columns", () => {
    const dataset = datasetWith({ adapter: "question-answer", question: "q", answer: "a" });
    expect(textOf(dataset, record({ q: "<video>\nQ", a: "A" }), record({ q: "alone", a: "" }))).toMatchObject(
      {
        user: "Q",
        conversations: [turn("Q", "A")],
      },
    );
    expect(textOf(dataset, record({ q: "Q" }))).toBe("no_annotation");
  });

  it.each([
    [["red", "blue"], "B"],
    [["red", "blue"], "blue"],
    [["red", "blue"], 1],
    [["A. red", "B. blue"], "(B)"],
    [["(A) red", "(B) blue"], "B. blue"],
    ['["red","blue"]', "B"],
  ])("with options %j and answer %j give the right line", (options, answer) => {
    const dataset = datasetWith({ adapter: "multiple-choice" });
    expect(textOf(dataset, record({ question: "Q?", options, answer }))).toMatchObject({
      user: "Q?\nA. red\nB. blue",
      assistant: "B. blue",
    });
  });

  it("with an answer from parquet's 64-bit integers give the right line", () => {
    const dataset = datasetWith({ adapter: "multiple-choice" });
    const fields = { question: "Q?", options: ["red", "blue"], answer: 1n };
    expect(textOf(dataset, record(fields))).toMatchObject({ assistant: "B. blue" });
  });

  it.each([
    [["red", "blue"], "C"],
    [["red", "blue"], "green"],
    [["red", "blue"], 2],
    [["red"], "A"],
    ["red, blue", "A"],
    [null, "A"],
  ])("with options %j and answer %j are invalid", (options, answer) => {
    const dataset = datasetWith({ adapter: "multiple-choice" });
    expect(textOf(dataset, record({ question: "Q?", options, answer }))).toBe("annotation_invalid");
  });
});
