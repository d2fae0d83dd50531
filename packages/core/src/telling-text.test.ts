import { expect, it } from "vitest";
import { tellingText } from "./telling-text.ts";

it.each([
  [{ caption: "A cat", caption_from: "caption", user: "What?", assistant: "A cat" }, "A cat"],
  [{ caption: "B. yes", caption_from: "answer", user: "Is it?", assistant: "B. yes" }, "Is it?"],
  [{ caption: "An answer alone", caption_from: "answer", user: "" }, "An answer alone"],
  [{ caption: null, user: "Of a shard of 0.1?", assistant: "Yes" }, "Of a shard of 0.1?"],
  [{ caption: 7, user: ["x"] }, null],
  [{}, null],
])("%j is recognised by %j", (json, text) => {
  expect(tellingText(json)).toBe(text);
});
