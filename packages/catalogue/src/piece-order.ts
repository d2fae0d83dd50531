/** Position of a piece of `split -b`: aa 0, ab 1, ..., az 25, ba 26. */
export function pieceIndex(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + (letter.charCodeAt(0) - 97), 0);
}

/** Why these pieces are no complete file, or null where they are: from `aa` on, none missing. */
export function pieceGap(pieces: readonly string[]): string | null {
  const sorted = [...pieces].sort((a, b) => pieceIndex(a) - pieceIndex(b));
  for (const [index, letters] of sorted.entries()) {
    if (pieceIndex(letters) !== index) return `piece ${pieceLetters(index, letters.length)} is missing`;
  }
  return null;
}

function pieceLetters(index: number, width: number): string {
  let letters = "";
  for (let rest = index; letters.length < width; rest = Math.floor(rest / 26))
    letters = String.fromCharCode(97 + (rest % 26)) + letters;
  return letters;
}
