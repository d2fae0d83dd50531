import { describe, expect, it } from "vitest";
import { shipped } from "../testing/shipped.ts";
import { datasetWith, record, textOf, turn } from "../testing/text-of.ts";
import { sampleText } from "./index.ts";

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
      span: null,
      set: "records",
    });
  });

  it("that is blank, null or not there is none, and nothing is invented", () => {
    for (const caption of ["", " \n", null, undefined])
      expect(textOf(dataset, record({ caption }))).toBe("no_annotation");
    expect(textOf(dataset)).toBe("no_annotation");
  });

  it("is the caption alone, and says so", () => {
    expect(textOf(dataset, record({ caption: "A <b>" }))).toEqual({
      caption: "A <b>",
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
    ['{"B":"blue","A":"red"}', "blue"],
    [{ A: "red", B: "blue" }, "B"],
    ["A. red\nB. blue", "B"],
    [["red", "blue"], " Blue. "],
    [["red", "blue"], "b"],
    [["red", "blue"], "(b)"],
    [["red", "blue"], "B. Blue"],
    [["red", "blue"], "B. The sky's"],
  ])("with options %j and answer %j give the right line", (options, answer) => {
    const dataset = datasetWith({ adapter: "multiple-choice" });
    expect(textOf(dataset, record({ question: "Q?", options, answer }))).toMatchObject({
      user: "Q?\nA. red\nB. blue",
      assistant: "B. blue",
    });
  });

  it.each([
    [[0, 1, 2], 1, "B. 1"],
    [["2", "1", "0"], 1, "B. 1"],
    [["2", "3"], 1, "B. 3"],
    [["B", "A"], "A", "B. A"],
    [["it", "It"], "It", "B. It"],
    [["Zoe\u0301  runs", "x"], "zo\u00e9 runs.", "A. Zoe\u0301  runs"],
    [["中文。", "日本"], "中文", "A. 中文。"],
  ])("of which a text reads like the answer, or like another's letter: %j %j", (options, answer, right) => {
    const dataset = datasetWith({ adapter: "multiple-choice" });
    expect(textOf(dataset, record({ question: "Q?", options, answer }))).toMatchObject({ assistant: right });
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
    [{ red: 1, blue: 2 }, "A"],
    [{ A: "red", C: "blue" }, "A"],
    [["red", "blue"], "B. red"],
    [["red", "blue"], "redblue"],
    // Which of the two is right nobody said.
    [["red", "red"], "red"],
    [["Red", "red."], "RED"],
    [["red", null], "A"],
  ])("with options %j and answer %j are invalid", (options, answer) => {
    const dataset = datasetWith({ adapter: "multiple-choice" });
    expect(textOf(dataset, record({ question: "Q?", options, answer }))).toBe("annotation_invalid");
  });

  it.each([
    ["Question: Which?\nOptions:\n(A) red\n(B) blue", "B", "Which?\nA. red\nB. blue", "B. blue"],
    ["Which?\r\nA. red\r\nB. blue\r\n", "red", "Which?\nA. red\nB. blue", "A. red"],
    // A line that begins like an option is one of the question where no list follows.
    ["A. Smith asks:\nwhich?\nA) red\nB) blue", "(A)", "A. Smith asks:\nwhich?\nA. red\nB. blue", "A. red"],
    ["Tell of Options:\nB. first", "In words.", "Tell of Options:\nB. first", "In words."],
  ])("that list their options themselves: %j", (question, answer, user, assistant) => {
    const dataset = datasetWith({ adapter: "multiple-choice", options: "question" });
    expect(textOf(dataset, record({ question, answer }))).toMatchObject({ user, assistant });
  });

  it("without options are answered in words", () => {
    const dataset = datasetWith({ adapter: "multiple-choice" });
    for (const options of [undefined, null, []])
      expect(textOf(dataset, record({ question: "Q?", options, answer: "In words." }))).toMatchObject({
        user: "Q?",
        assistant: "In words.",
      });
    expect(textOf(dataset, record({ question: "Q?", answer: " " }))).toBe("no_annotation");
  });
});
