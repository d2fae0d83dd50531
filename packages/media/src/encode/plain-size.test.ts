import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { plainSize } from "./plain-size.ts";
import { sniffImage } from "./sniff-image.ts";

function picture(): Sharp {
  return sharp({ create: { width: 61, height: 43, channels: 3, background: "#336699" } });
}

function sizeOf(bytes: Uint8Array) {
  const format = sniffImage(bytes);
  return format === null ? null : plainSize(format, bytes);
}

/** Puts a segment right behind the first two bytes of a JPEG. */
function withSegment(jpeg: Buffer, marker: number, data: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(data.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, data, jpeg.subarray(2)]);
}

describe("the size of a plain picture", () => {
  const plain: Record<string, () => Promise<Buffer>> = {
    "a JPEG": () => picture().jpeg().toBuffer(),
    "a progressive JPEG": () => picture().jpeg({ progressive: true }).toBuffer(),
    "a CMYK JPEG": () => picture().toColourspace("cmyk").jpeg().toBuffer(),
    "a JPEG with a colour profile": () => picture().withIccProfile("p3").jpeg().toBuffer(),
    "a PNG": () => picture().png().toBuffer(),
    "a palette PNG": () => picture().png({ palette: true }).toBuffer(),
    "an interlaced PNG": () => picture().png({ progressive: true }).toBuffer(),
  };
  for (const [name, make] of Object.entries(plain))
    it(`${name} is what libvips reads`, async () => {
      const bytes = await make();
      const { width, height } = (await sharp(bytes).metadata()).autoOrient;
      expect(sizeOf(bytes)).toEqual({ width, height });
    });

  it("is found behind fill bytes and large segments, and in a view", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const filled = withSegment(jpeg, 0xfe, Buffer.alloc(60_000, 0xff));
    const view = Buffer.concat([Buffer.alloc(100), filled]).subarray(100);
    expect(sizeOf(view)).toEqual({ width: 61, height: 43 });
    const fill = Buffer.concat([jpeg.subarray(0, 2), Buffer.alloc(3, 0xff), jpeg.subarray(2)]);
    expect(sizeOf(fill)).toEqual({ width: 61, height: 43 });
  });

  it("is left to libvips where the picture may be turned, or is of another kind", async () => {
    const turned = { orientation: 6 };
    for (const bytes of [
      await picture().jpeg().withMetadata(turned).toBuffer(),
      await picture().png().withMetadata(turned).toBuffer(),
      await picture().webp().toBuffer(),
      await picture().gif().toBuffer(),
    ])
      expect(sizeOf(bytes)).toBeNull();
  });

  it("of what is cut, damaged or of no size is nobody's guess", async () => {
    const jpeg = await picture().jpeg().toBuffer();
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    for (let end = 3; end < frame + 9; end += 1) expect(sizeOf(jpeg.subarray(0, end))).toBeNull();
    const flat = Buffer.from(jpeg);
    flat.writeUInt16BE(0, frame + 5);
    expect(sizeOf(flat)).toBeNull();
    const png = await picture().png().toBuffer();
    for (let end = 8; end < 33; end += 1) expect(sizeOf(png.subarray(0, end))).toBeNull();
  });
});
