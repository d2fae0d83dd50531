import { execFileSync } from "node:child_process";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { jpeg, tempFolder } from "../../testing/make-shard.ts";
import { sheetColumns } from "./contact-sheet-layout.ts";
import { labelFont } from "./label-font.ts";
import { writeContactSheet } from "./write-contact-sheet.ts";

describe("a contact sheet", () => {
  it("is a PNG with every frame, also one that cannot be decoded, and any caption", async () => {
    await using folder = await tempFolder();
    const frame = await jpeg();
    const jpegs = [...Array.from({ length: 6 }, () => frame), Buffer.from("no jpeg")];
    const frames = jpegs.map((bytes, at) => ({ jpeg: bytes, label: `${at}.467 s` }));
    const out = join(folder.path, "sheet.png");
    const caption = `</svg><script>&"' ${"long ".repeat(400)}${"x".repeat(500)} 日本\u0000\u0007`;
    const size = await writeContactSheet({ title: "k".repeat(300), caption, frames }, out);
    const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ ...size, format: "raw" });
    // The middle of the first frame has the frame's colour.
    const left = 28 + 112;
    const top = Array.from({ length: info.height }, (_, y) => y).find((y) =>
      isFrameColour(data, info, left, y),
    );
    expect(top).toBeGreaterThan(60);
  });

  it("draws its letters on a machine without fonts", async () => {
    await using folder = await tempFolder();
    const program = `
      import { writeContactSheet } from "@shardmill/shards";
      await writeContactSheet({ title: "Title", caption: "A caption", frames: [] }, process.argv[1]);`;
    const out = join(folder.path, "sheet.png");
    execFileSync(process.execPath, ["--input-type=module", "-e", program, out], {
      cwd: new URL("../..", import.meta.url),
      env: { ...process.env, FONTCONFIG_FILE: "/dev/null", FONTCONFIG_PATH: folder.path },
    });
    const { channels } = await sharp(out).stats();
    expect(channels[0]?.max).toBeGreaterThan(200);
  });

  it("has a grid with few empty places", () => {
    expect([1, 3, 10, 16, 30, 60, 64].map((count) => [count, sheetColumns(count)])).toEqual([
      [1, 1],
      [3, 3],
      [10, 5],
      [16, 4],
      [30, 6],
      [60, 10],
      [64, 8],
    ]);
  });
});

describe("the label font", () => {
  const font = labelFont();

  it("wraps at words, breaks what is longer than a line, and says that there is more", () => {
    const lines = font.wrap("one two three", 10, font.width("one two", 10), 9);
    expect(lines).toEqual(["one two", "three"]);
    expect(font.wrap("x".repeat(10), 10, font.width("xxxx", 10), 9)).toEqual(["xxxx", "xxxx", "xx"]);
    const cut = font.wrap("word ".repeat(100), 10, 100, 2);
    expect(cut).toHaveLength(2);
    expect(cut[1]).toMatch(/…$/);
    for (const line of cut) expect(font.width(line, 10)).toBeLessThanOrEqual(100);
  });

  it("keeps the end of a key that is too long, where keys differ", () => {
    expect(font.fitEnd("openvid-p0073-000012", 10, 50)).toMatch(/^….*000012$/);
  });

  it("never puts text into the SVG, only outlines", () => {
    expect(font.svg(`<a href="x">&`, { x: 0, y: 0, sizePx: 10, fill: "#fff" })).not.toContain("href");
  });
});

function isFrameColour(
  data: Buffer,
  { width, channels }: { width: number; channels: number },
  x: number,
  y: number,
): boolean {
  const at = (y * width + x) * channels;
  const near = (offset: number, value: number): boolean => Math.abs((data[at + offset] ?? 0) - value) < 6;
  return near(0, 0x33) && near(1, 0x44) && near(2, 0x55);
}
