/**
 * Position of a piece by its name: the letters of `split -b` (aa 0, ab 1, ..., az 25, ba 26), or a number as 7-Zip,
 * HJSplit and `split -d` give it, which counts as it is written, padded or not.
 */
export function pieceIndex(name: string): number {
  if (isNumber(name)) return Number(name);
  return [...name].reduce((sum, letter) => sum * 26 + (letter.charCodeAt(0) - 97), 0);
}

/** Why these pieces are no complete file, or null where they are: from `aa`, 0 or 1 on, none missing, none twice. */
export function pieceGap(pieces: readonly string[]): string | null {
  const sorted = [...pieces].sort((a, b) => pieceIndex(a) - pieceIndex(b));
  const numbers = sorted.filter(isNumber);
  if (numbers.length > 0 && numbers.length < sorted.length)
    return "pieces named by letters lie beside pieces named by numbers";
  const first = numbers.length > 0 && pieceIndex(sorted[0] ?? "") > 0 ? 1 : 0;
  for (const [at, name] of sorted.entries()) {
    const index = first + at;
    if (pieceIndex(name) === index) continue;
    if (isNumber(name) && pieceIndex(name) < index) return `piece ${name} is there twice`;
    return `piece ${isNumber(name) ? pieceNumber(index, sorted) : pieceLetters(index, name.length)} is missing`;
  }
  return null;
}

/** Whether the first piece is among these. */
export function hasFirstPiece(pieces: readonly string[]): boolean {
  return pieces.some((name) => (isNumber(name) ? Number(name) <= 1 : /^a+$/.test(name)));
}

function isNumber(name: string): boolean {
  return /^\d+$/.test(name);
}

/** Padded as the names that are there. */
function pieceNumber(index: number, names: readonly string[]): string {
  const isPadded = names.some((name) => name.startsWith("0") && name.length > 1);
  return String(index).padStart(isPadded ? Math.min(...names.map((name) => name.length)) : 1, "0");
}

function pieceLetters(index: number, width: number): string {
  let letters = "";
  for (let rest = index; letters.length < width; rest = Math.floor(rest / 26))
    letters = String.fromCharCode(97 + (rest % 26)) + letters;
  return letters;
}
