import { describe, expect, it } from "vitest";
import { parseReply } from "./replies.ts";

const jpeg = new Uint8Array([1]);
const info = { durationS: 1, width: 2, height: 3, fps: 4, codec: "h264" };
const frames = {
  kind: "frames",
  timesS: [0.5],
  info,
  wanted: 1,
  decoded: 9,
  complete: true,
  decodeErrors: 0,
  remarks: [{ code: "colour_tags_ignored", detail: "matrix 3 read as 2" }],
};

describe("a child's answer", () => {
  it("is taken when it holds what its kind promises", () => {
    expect(parseReply({ header: frames, parts: [jpeg] })).toEqual({ ...frames, frames: [jpeg] });
    const rejection = { code: "zero_frames", detail: "none" };
    expect(parseReply({ header: { kind: "rejected", rejection }, parts: [] })).toEqual({
      kind: "rejected",
      rejection,
    });
  });

  it("is refused when it does not", () => {
    const wrong = [
      { header: { ...frames, timesS: [0.5, 1.5] }, parts: [jpeg] },
      { header: { ...frames, timesS: [null] }, parts: [jpeg] },
      { header: { ...frames, timesS: ["0.5"] }, parts: [jpeg] },
      { header: { ...frames, info: {} }, parts: [jpeg] },
      { header: { ...frames, complete: 1 }, parts: [jpeg] },
      { header: { ...frames, remarks: [{ code: "zero_frames", detail: "" }] }, parts: [jpeg] },
      { header: frames, parts: [new Uint8Array()] },
      { header: { kind: "image", width: 1, height: 1 }, parts: [] },
      { header: { kind: "rejected", rejection: { code: "no such code", detail: "" } }, parts: [] },
      { header: { kind: "nonsense" }, parts: [] },
    ];
    for (const message of wrong) expect(() => parseReply(message)).toThrow();
  });

  it("says what is wrong with it in one line", () => {
    const message = { header: { ...frames, info: { ...info, fps: "4" } }, parts: [jpeg] };
    expect(() => parseReply(message)).toThrow(/^a message on the media pipe .*info\.fps: [^\n]*$/);
  });
});
