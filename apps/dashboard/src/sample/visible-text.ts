/** A piece of text: as it is, or with a sign for what the eye would miss. The text of all pieces together is the whole. */
export interface Piece {
  readonly kind: "plain" | "spaces" | "sign";
  readonly text: string;
  /** What stands for it. */
  readonly sign: string;
}

/**
 * Line breaks, tabs, spaces at an edge or in a row, and characters that show as nothing or turn the direction of what
 * follows. Joiners stay: emoji and several scripts are written with them.
 */
const unseen =
  /\n|\t|^ +| +$| {2,}| (?=[\n\t])|(?<=[\n\t]) |[^\S \n\t]|(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}]/gu;

export function visiblePieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(unseen)) {
    if (index > from) pieces.push({ kind: "plain", text: text.slice(from, index), sign: "" });
    pieces.push(pieceOf(found));
    from = index + found.length;
  }
  if (from < text.length) pieces.push({ kind: "plain", text: text.slice(from), sign: "" });
  return pieces;
}

function pieceOf(text: string): Piece {
  if (text.startsWith(" ")) return { kind: "spaces", text, sign: "" };
  const known = { "\n": "↵", "\t": "⇥" }[text];
  const code = (text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return { kind: "sign", text, sign: known ?? `U+${code}` };
}
