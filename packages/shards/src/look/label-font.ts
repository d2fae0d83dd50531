import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** opentype.js is a CommonJS package, and the font no module at all. */
const require = createRequire(import.meta.url);

/**
 * Text as outlines of DejaVu Sans, which comes with a package of its own: a bare machine has no fonts, and sharp would draw
 * boxes or nothing. A letter that the font does not have (Chinese, for one) shows as a hollow box.
 */
export interface LabelFont {
  /** Pixels. */
  width(text: string, sizePx: number): number;
  /** Lines no wider than `widthPx`; what exceeds `maxLines` ends in an ellipsis. */
  wrap(text: string, sizePx: number, widthPx: number, maxLines: number): string[];
  /** The end of the text, with an ellipsis before it, when all of it does not fit. */
  fitEnd(text: string, sizePx: number, widthPx: number): string;
  /** An SVG element with its baseline's left end (or middle) at x, y. */
  svg(text: string, at: { x: number; y: number; sizePx: number; fill: string; isCentered?: boolean }): string;
}

interface Glyph {
  readonly advance: number;
  readonly path: string;
}

const unitsPerEm = 1000;
const unknownGlyph: Glyph = { advance: 640, path: "M80-700h480v700h-480zM130-650v600h380v-600z" };
let loaded: LabelFont | null = null;

/** Reads the font at the first call. */
export function labelFont(): LabelFont {
  loaded ??= fontOf(outlines());
  return loaded;
}

function fontOf(glyph: (letter: string) => Glyph | null): LabelFont {
  const glyphOf = (letter: string): Glyph => glyph(letter) ?? glyph(plain(letter)) ?? unknownGlyph;
  const width = (text: string, sizePx: number): number =>
    (letters(text).reduce((sum, letter) => sum + glyphOf(letter).advance, 0) * sizePx) / unitsPerEm;
  return {
    width,
    wrap: (text, sizePx, widthPx, maxLines) => wrap(text, (part) => width(part, sizePx) <= widthPx, maxLines),
    fitEnd: (text, sizePx, widthPx) => fitEnd(text, (part) => width(part, sizePx) <= widthPx),
    svg(text, { x, y, sizePx, fill, isCentered = false }) {
      const scale = sizePx / unitsPerEm;
      let at = (isCentered ? x - width(text, sizePx) / 2 : x) / scale;
      const outlines = letters(text).map((letter) => {
        const { advance, path } = glyphOf(letter);
        const placed = path === "" ? "" : `<path transform="translate(${at.toFixed(1)})" d="${path}"/>`;
        at += advance;
        return placed;
      });
      return `<g fill="${fill}" transform="translate(0 ${y}) scale(${scale})">${outlines.join("")}</g>`;
    },
  };
}

/** The outlines of DejaVu Sans, each drawn when it is first asked for; null of a letter that it does not have. */
function outlines(): (letter: string) => Glyph | null {
  const opentype: typeof import("opentype.js") = require("opentype.js");
  const file = readFileSync(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"));
  const font = opentype.parse(file.buffer.slice(file.byteOffset, file.byteOffset + file.length));
  const drawn = new Map<string, Glyph | null>();
  return (letter) => {
    const known = drawn.get(letter);
    if (known !== undefined) return known;
    const glyph = font.hasChar(letter) ? font.charToGlyph(letter) : null;
    const outline =
      glyph === null
        ? null
        : {
            advance: ((glyph.advanceWidth ?? 0) * unitsPerEm) / font.unitsPerEm,
            path: glyph.getPath(0, 0, unitsPerEm).toPathData(0),
          };
    drawn.set(letter, outline);
    return outline;
  };
}

/** What is seen as letters; control characters and line ends are spaces here. */
function letters(text: string): string[] {
  return [...text.normalize("NFC").replace(/[\s\p{Cc}]/gu, " ")];
}

/** A letter without its accents. */
function plain(letter: string): string {
  return letter.normalize("NFKD").replace(/\p{M}/gu, "");
}

function wrap(text: string, fits: (part: string) => boolean, maxLines: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (!fits(line) && line.length > 1) {
      const head = fitStart(line, fits);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  if (line !== "") lines.push(line);
  if (lines.length <= maxLines) return lines;
  const last = `${lines[maxLines - 1] ?? ""} …`;
  return [
    ...lines.slice(0, maxLines - 1),
    fits(last) ? last : `${fitStart(last.slice(0, -2), (part) => fits(`${part}…`))}…`,
  ];
}

function fitStart(text: string, fits: (part: string) => boolean): string {
  let count = text.length;
  while (count > 1 && !fits(text.slice(0, count))) count -= 1;
  return text.slice(0, count);
}

function fitEnd(text: string, fits: (part: string) => boolean): string {
  if (fits(text)) return text;
  let from = 1;
  while (from < text.length && !fits(`…${text.slice(from)}`)) from += 1;
  return `…${text.slice(from)}`;
}
