/**
 * The 64 bits of a frame's print in two words, dealt out into four bands of 16. Two prints that differ in at most three bits have one
 * band in common. A band holds two bits of each row and of each column: were it two rows, the black bars of all films would be alike.
 */
const bands = 4;
const bandBits = 16;

/** For each value of each byte (a row) of a print, where its bits go: pairs of words. */
const dealt = Array.from({ length: 8 }, (_, row) => {
  const words = new Uint32Array(512);
  for (let byte = 0; byte < 256; byte += 1) {
    const at = [0, 0, 0, 0];
    for (let column = 0; column < 8; column += 1) {
      const bit = (byte >> (7 - column)) & 1;
      const band = (row + column) % bands;
      at[band] = (at[band] ?? 0) | (bit << (2 * row + (column >> 2)));
    }
    words[2 * byte] = (((at[0] ?? 0) << bandBits) | (at[1] ?? 0)) >>> 0;
    words[2 * byte + 1] = (((at[2] ?? 0) << bandBits) | (at[3] ?? 0)) >>> 0;
  }
  return words;
});

/** Writes both words of a print of 16 hex digits. */
export function writeWords(print: string, into: Uint32Array, at: number): void {
  let [high, low] = [0, 0];
  for (const [row, words] of dealt.entries()) {
    const byte = Number.parseInt(print.slice(2 * row, 2 * row + 2), 16);
    high |= words[2 * byte] ?? 0;
    low |= words[2 * byte + 1] ?? 0;
  }
  into[at] = high >>> 0;
  into[at + 1] = low >>> 0;
}

/** A band of the words at a place. */
export function bandOf(words: Uint32Array, at: number, band: number): number {
  const word = words[at + (band >> 1)] ?? 0;
  return band % 2 === 0 ? word >>> bandBits : word & 0xffff;
}

/** Bits in which two prints differ. */
export function distanceOf(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  return ones((a[atA] ?? 0) ^ (b[atB] ?? 0)) + ones((a[atA + 1] ?? 0) ^ (b[atB + 1] ?? 0));
}

function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
