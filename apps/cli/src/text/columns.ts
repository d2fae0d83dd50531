import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import { safeLines } from "./clean-text.ts";

const styleCodes = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`);
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Columns on a terminal, colour codes aside: of the text as the console renders it, where what is unseen gets a sign. */
export function widthOf(text: string): number {
  return stringWidth(safeLines(stripVTControlCharacters(text)));
}

export type Align = "left" | "right";

export function padTo(text: string, width: number, align: Align): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? space + text : text + space;
}

/**
 * Cut to a width, with an ellipsis where something is lost, and never within what is seen as one sign; colour codes stay,
 * so that none is left open.
 */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const ellipsis = width > 1 ? "…" : "";
  let left = width - ellipsis.length;
  let isCut = false;
  // The pattern's group puts every second piece into the list: a colour code.
  const kept = text.split(styleCodes).map((piece, at) => {
    if (at % 2 === 1) return piece;
    if (isCut) return "";
    const shown = beginning(piece, left);
    isCut = shown.length < piece.length;
    left -= widthOf(shown);
    return isCut ? `${shown}${ellipsis}` : shown;
  });
  return kept.join("");
}

function beginning(text: string, width: number): string {
  let left = width;
  for (const { segment, index } of graphemes.segment(text)) {
    left -= widthOf(segment);
    if (left < 0) return text.slice(0, index);
  }
  return text;
}
