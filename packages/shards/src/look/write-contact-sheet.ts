import { type FilePlace, storedFile } from "@shardmill/store";
import type sharp from "sharp";
import type { OverlayOptions } from "sharp";
import {
  captionLine,
  captionSize,
  cellGap,
  labelHeight,
  type SheetLayout,
  sheetLayout,
  sheetMargin,
  sheetWidth,
  titleSize,
} from "./contact-sheet-layout.ts";
import { type LabelFont, labelFont } from "./label-font.ts";

export interface ContactSheet {
  readonly title: string;
  readonly caption: string | null;
  /** In order; a label is a time or a key. */
  readonly frames: readonly { readonly jpeg: Uint8Array; readonly label: string }[];
  /** So many in a row go together, and stand in one line; 1 unless given. */
  readonly together?: number;
}

const colour = {
  background: "#14171c",
  title: "#f4f6f8",
  caption: "#b9c1cb",
  label: "#8b95a1",
  rule: "#2a3038",
  missing: "#20252c",
} as const;
const captionLinesAtMost = 6;
const labelSize = 12;
const corner = 6;

/** A PNG of frames in a grid, with their labels under them and the caption above. Returns its size in pixels. */
export async function writeContactSheet(
  sheet: ContactSheet,
  out: FilePlace,
): Promise<{ readonly width: number; readonly height: number }> {
  // Whoever only reads shards does not load libvips.
  const { default: libvips } = await import("sharp");
  const font = labelFont();
  const { together = 1 } = sheet;
  const textWidth = sheetWidth(sheet.frames.length, together) - 2 * sheetMargin;
  const lines =
    sheet.caption === null ? [] : font.wrap(sheet.caption, captionSize, textWidth, captionLinesAtMost);
  const layout = sheetLayout(sheet.frames.length, lines.length, together);
  const { width, height } = layout;
  const frames = await Promise.all(sheet.frames.map(({ jpeg }, at) => placed(libvips, jpeg, at, layout)));
  const texts = Buffer.from(textLayer(sheet, lines, layout, font));
  const png = await libvips({ create: { width, height, channels: 3, background: colour.background } })
    .composite([...frames, { input: texts, left: 0, top: 0 }])
    .png({ compressionLevel: 9 })
    .toBuffer();
  const { store, path } = await storedFile(out);
  await store.put(path, png);
  return { width, height };
}

async function placed(
  libvips: typeof sharp,
  jpeg: Uint8Array,
  at: number,
  layout: SheetLayout,
): Promise<OverlayOptions> {
  const { x, y } = cellAt(at, layout);
  const { cell } = layout;
  const mask = Buffer.from(
    `<svg width="${cell}" height="${cell}"><rect width="${cell}" height="${cell}" rx="${corner}"/></svg>`,
  );
  const picture = await libvips(jpeg)
    .resize(cell, cell, { fit: "contain", background: colour.missing })
    .composite([{ input: mask, blend: "dest-in" }])
    .png({ compressionLevel: 1 })
    .toBuffer()
    .catch(() => missing(cell));
  return { input: picture, left: x, top: y };
}

/** What cannot be decoded is shown as such: the sheet is for finding it. */
function missing(cell: number): Buffer {
  const rect = `<rect width="${cell}" height="${cell}" rx="${corner}" fill="${colour.missing}"/>`;
  const text = labelFont().svg("not decodable", {
    x: cell / 2,
    y: cell / 2 + 4,
    sizePx: labelSize,
    fill: colour.label,
    isCentered: true,
  });
  return Buffer.from(`<svg width="${cell}" height="${cell}">${rect}${text}</svg>`);
}

function textLayer(
  sheet: ContactSheet,
  lines: readonly string[],
  layout: SheetLayout,
  font: LabelFont,
): string {
  const { width, height, cell } = layout;
  const titleLine = sheetMargin + titleSize - 4;
  const parts = [
    font.svg(font.fitEnd(sheet.title, titleSize, width - 2 * sheetMargin), {
      x: sheetMargin,
      y: titleLine,
      sizePx: titleSize,
      fill: colour.title,
    }),
    ...lines.map((line, at) =>
      font.svg(line, {
        x: sheetMargin,
        y: sheetMargin + titleSize + 6 + (at + 1) * captionLine,
        sizePx: captionSize,
        fill: colour.caption,
      }),
    ),
    `<rect x="${sheetMargin}" y="${layout.gridTop - 12}" width="${width - 2 * sheetMargin}" height="1" fill="${colour.rule}"/>`,
    ...sheet.frames.map(({ label }, at) => {
      const { x, y } = cellAt(at, layout);
      return font.svg(font.fitEnd(label, labelSize, cell), {
        x: x + cell / 2,
        y: y + cell + labelHeight - 8,
        sizePx: labelSize,
        fill: colour.label,
        isCentered: true,
      });
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join("")}</svg>`;
}

function cellAt(at: number, { columns, cell, gridLeft, gridTop }: SheetLayout): { x: number; y: number } {
  return {
    x: gridLeft + (at % columns) * (cell + cellGap),
    y: gridTop + Math.floor(at / columns) * (cell + labelHeight + cellGap),
  };
}
