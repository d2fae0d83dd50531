import sharp, { type JpegOptions } from "sharp";
import { describe, expect, it } from "vitest";
import { isMotionJpeg } from "./motion-jpeg.ts";

const noise = {
  width: 48,
  height: 32,
  channels: 3,
  noise: { type: "gaussian", mean: 128, sigma: 60 },
} as const;
const picture = (options: JpegOptions = {}) =>
  sharp({ create: { ...noise, background: "#000" } })
    .withMetadata({ density: 72 })
    .jpeg(options)
    .toBuffer();

describe("motion JPEG", () => {
  it.each([
    ["plain", {}],
    ["progressive", { progressive: true }],
  ] as const)(
    "is two %s pictures one after the other, however much of the second is there",
    async (_, options) => {
      const one = await picture(options);
      expect(isMotionJpeg(Buffer.concat([one, one]))).toBe(true);
      expect(isMotionJpeg(Buffer.concat([one, one.subarray(0, 50)]))).toBe(true);
    },
  );

  it("is neither one picture, whole or cut, nor one with other bytes behind it", async () => {
    const one = await picture();
    expect(isMotionJpeg(one)).toBe(false);
    expect(isMotionJpeg(one.subarray(0, one.length / 2))).toBe(false);
    expect(isMotionJpeg(one.subarray(0, 3))).toBe(false);
    expect(isMotionJpeg(Buffer.concat([one, Buffer.from("the end of a motion photo")]))).toBe(false);
    expect(isMotionJpeg(new Uint8Array())).toBe(false);
  });

  it("nor a picture that holds another: a thumbnail in its head, or the preview of a multi-picture file", async () => {
    const one = await picture();
    const within = (marker: number, content: Buffer) => {
      const head = Buffer.from([0xff, marker, 0, 0]);
      head.writeUInt16BE(content.length + 2, 2);
      return Buffer.concat([one.subarray(0, 2), head, content, one.subarray(2)]);
    };
    expect(isMotionJpeg(within(0xe1, Buffer.concat([one, one])))).toBe(false);
    const announced = within(0xe2, Buffer.from("MPF\0MM\0*", "latin1"));
    expect(isMotionJpeg(Buffer.concat([announced, one]))).toBe(false);
  });
});
