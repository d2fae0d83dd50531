import { readFileSync, rmSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { ClipWorkshop, x264 } from "../../testing/clip-workshop.ts";
import { testFolder } from "../../testing/make-clip.ts";
import { changedCodec } from "./changed-codec.ts";

const folder = testFolder();
const shop = new ClipWorkshop(folder);
const video = { id: 0x100 };
const h264 = readFileSync(shop.take("a", "h264.ts", x264(), { seconds: 1 }));
const mpeg2 = readFileSync(shop.take("b", "mpeg2.ts", ["-c:v", "mpeg2video"], { seconds: 1 }));

afterAll(() => rmSync(folder, { recursive: true }));

describe("changedCodec", () => {
  it("names both codecs of a PID", () => {
    expect(changedCodec(Buffer.concat([h264, mpeg2]), video)).toBe(
      "the codec changes from h264 to mpeg2video",
    );
  });

  it("looks at the PID that is decoded alone, and at transport streams", () => {
    expect(changedCodec(Buffer.concat([h264, mpeg2]), { id: 0x101 })).toBeNull();
    expect(changedCodec(Buffer.concat([h264, h264]), video)).toBeNull();
    expect(changedCodec(Buffer.from("no transport stream"), video)).toBeNull();
    expect(changedCodec(new Uint8Array(), video)).toBeNull();
  });

  it("does not believe a program map that was damaged", () => {
    const bytes = Buffer.concat([h264, h264]);
    // H.264 for PID 256, in the second half.
    const at = bytes.indexOf(Buffer.from([0x1b, 0xe1, 0x00]), h264.length);
    bytes[at] = 0x02;
    expect(changedCodec(bytes, video)).toBeNull();
  });
});
