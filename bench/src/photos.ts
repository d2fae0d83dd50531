import sharp, { type Sharp } from "sharp";

/** Of web sizes, four JPEGs to two PNGs. */
export function photos(): Promise<Buffer[]> {
  return Promise.all([
    noisy(1600, 1200).jpeg({ quality: 85 }).toBuffer(),
    noisy(1024, 768).jpeg({ quality: 85 }).toBuffer(),
    noisy(800, 600).png().toBuffer(),
    noisy(640, 480).jpeg({ quality: 85 }).toBuffer(),
    noisy(1280, 960).jpeg({ quality: 90 }).toBuffer(),
    noisy(600, 400).png({ palette: true }).toBuffer(),
  ]);
}

export function noisy(width: number, height: number): Sharp {
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  return sharp({ create: { width, height, channels: 3, background: "#808080", noise } }).blur(2);
}
