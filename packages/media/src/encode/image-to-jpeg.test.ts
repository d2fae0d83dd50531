import { defaultRecipe } from "@shardmill/core";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { imageToJpeg } from "./image-to-jpeg.ts";

const settings = defaultRecipe;

/** Left half red, right half blue, 60 x 40. */
function halves(): Sharp {
  const right = { create: { width: 30, height: 40, channels: 3 as const, background: "#0000ff" } };
  return sharp({ create: { width: 60, height: 40, channels: 3, background: "#ff0000" } }).composite([
    { input: right, left: 30, top: 0 },
  ]);
}

async function convert(bytes: Uint8Array, changes: Partial<typeof settings> = {}) {
  return await imageToJpeg(bytes, { ...settings, ...changes });
}

/** The colour at a place of the result, as the nearest of a few names. */
async function colourAt(
  bytes: Uint8Array,
  left: number,
  top: number,
  changes: Partial<typeof settings> = {},
) {
  const image = await convert(bytes, changes);
  if (image.kind !== "image") throw new Error(image.rejection.detail);
  const [r = 0, g = 0, b = 0] = await sharp(image.jpeg)
    .extract({ left, top, width: 1, height: 1 })
    .raw()
    .toBuffer();
  const names = { red: [255, 0, 0], blue: [0, 0, 255], white: [255, 255, 255], black: [0, 0, 0] };
  const distance = ([x = 0, y = 0, z = 0]: number[]) => Math.hypot(r - x, g - y, b - z);
  return Object.entries(names).sort((a, c) => distance(a[1]) - distance(c[1]))[0]?.[0];
}

describe("an image becomes a square JPEG", () => {
  const kinds: Record<string, () => Promise<Buffer>> = {
    JPEG: () => halves().jpeg().toBuffer(),
    "CMYK JPEG": () => halves().toColourspace("cmyk").jpeg().toBuffer(),
    "progressive JPEG": () => halves().jpeg({ progressive: true }).toBuffer(),
    PNG: () => halves().png().toBuffer(),
    "palette PNG": () => halves().png({ palette: true }).toBuffer(),
    "16-bit PNG": () => halves().toColourspace("rgb16").png().toBuffer(),
    WebP: () => halves().webp({ lossless: true }).toBuffer(),
    GIF: () => halves().gif().toBuffer(),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    it(`from ${kind}`, async () => {
      const bytes = await make();
      const image = await convert(bytes);
      expect(image).toMatchObject({ kind: "image", width: 60, height: 40 });
      if (image.kind !== "image") return;
      expect(await sharp(image.jpeg).metadata()).toMatchObject({
        format: "jpeg",
        width: 224,
        height: 224,
        space: "srgb",
        channels: 3,
        chromaSubsampling: "4:2:0",
      });
      expect(await colourAt(bytes, 20, 100)).toBe("red");
      expect(await colourAt(bytes, 200, 100)).toBe("blue");
    });
  }

  it("from a grey one, in colour", async () => {
    const bytes = await halves().greyscale().png().toBuffer();
    const image = await convert(bytes);
    if (image.kind !== "image") throw new Error("expected an image");
    expect(await sharp(image.jpeg).metadata()).toMatchObject({ space: "srgb", channels: 3 });
  });

  it("with transparency as white", async () => {
    const clear = sharp({ create: { width: 50, height: 50, channels: 4, background: "#00000000" } });
    expect(await colourAt(await clear.png().toBuffer(), 100, 100)).toBe("white");
    expect(await colourAt(await clear.webp({ lossless: true }).toBuffer(), 100, 100)).toBe("white");
  });

  it("the way up that its EXIF says", async () => {
    // Orientation 6: shown after a quarter turn clockwise, so the red left half is on top.
    const bytes = await halves().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await convert(bytes)).toMatchObject({ width: 40, height: 60 });
    expect(await colourAt(bytes, 112, 10)).toBe("red");
    expect(await colourAt(bytes, 112, 214)).toBe("blue");
  });

  it("from the first frame of an animation", async () => {
    const two = await sharp([await halves().png().toBuffer(), await halves().negate().png().toBuffer()], {
      join: { animated: true },
    })
      .gif()
      .toBuffer();
    expect((await sharp(two).metadata()).pages).toBe(2);
    expect(await convert(two)).toMatchObject({ width: 60, height: 40 });
    expect(await colourAt(two, 20, 100)).toBe("red");
  });

  it("cut, padded with black or stretched as the recipe says", async () => {
    const wide = sharp({ create: { width: 400, height: 100, channels: 3, background: "#0000ff" } });
    const bytes = await wide
      .composite([
        {
          input: { create: { width: 100, height: 100, channels: 3, background: "#ff0000" } },
          left: 0,
          top: 0,
        },
      ])
      .png()
      .toBuffer();
    expect(await colourAt(bytes, 10, 112, { fit: "cover" })).toBe("blue");
    expect(await colourAt(bytes, 10, 112, { fit: "stretch" })).toBe("red");
    expect(await colourAt(bytes, 10, 10, { fit: "contain" })).toBe("black");
    expect(await colourAt(bytes, 10, 112, { fit: "contain" })).toBe("red");
  });

  it("that is the same every time and carries no metadata", async () => {
    const bytes = await halves().jpeg().withMetadata({ orientation: 3 }).toBuffer();
    const [first, second] = [await convert(bytes), await convert(bytes)];
    expect(first).toEqual(second);
    if (first.kind !== "image") return;
    const metadata = await sharp(first.jpeg).metadata();
    expect([metadata.exif, metadata.icc, metadata.xmp, metadata.orientation]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("in spite of stray bytes after its end", async () => {
    const bytes = Buffer.concat([await halves().jpeg().toBuffer(), Buffer.from("<html>stray</html>")]);
    expect(await convert(bytes)).toMatchObject({ kind: "image" });
  });
});

describe("an image is left out with a reason", () => {
  it("when it is cut off or damaged", async () => {
    const noise = sharp({
      create: {
        width: 300,
        height: 300,
        channels: 3,
        background: "#000",
        noise: { type: "gaussian", mean: 128, sigma: 50 },
      },
    });
    for (const bytes of [await noise.clone().jpeg().toBuffer(), await noise.clone().png().toBuffer()])
      expect(await convert(bytes.subarray(0, bytes.length / 2))).toMatchObject({
        rejection: { code: "image_undecodable" },
      });
    expect(await convert(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]))).toMatchObject({
      rejection: { code: "image_undecodable" },
    });
  });

  it("when its pixels or bytes are over the limits, before it is decoded", async () => {
    const bytes = await halves().png().toBuffer();
    const limits = { ...settings.limits, maxPixels: 2399 };
    expect(await convert(bytes, { limits })).toMatchObject({ rejection: { code: "too_large" } });
    expect(await convert(bytes, { limits: { ...limits, maxPixels: 2400 } })).toMatchObject({ kind: "image" });
    expect(await convert(bytes, { limits: { ...settings.limits, maxBytes: 10 } })).toMatchObject({
      rejection: { code: "too_large" },
    });
  });

  it("when it is none of the four formats, whatever libvips could open", async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const tiff = await halves().tiff().toBuffer();
    for (const bytes of [svg, tiff, Buffer.from("%PDF-1.7"), Buffer.from("no image")])
      expect(await convert(bytes)).toMatchObject({ rejection: { code: "not_media" } });
    expect(await convert(new Uint8Array())).toMatchObject({ rejection: { code: "empty_member" } });
  });
});
