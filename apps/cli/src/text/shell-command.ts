/** Words as a command line that a POSIX shell takes for exactly these words: for commands that a person is told to type. */
export function shellCommand(...words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

/** A path as a word of its own: one that begins with a dash would be taken for an option. */
export function pathWord(path: string): string {
  return path.startsWith("-") ? `./${path}` : path;
}

function quoted(word: string): string {
  // A leading = or ~ means something to some shells.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(word)) return word;
  return /\p{Cc}/u.test(word) ? escaped(word) : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Control characters by their number, in the way that bash, zsh and ksh know: as they are they may not be printed. */
function escaped(word: string): string {
  const signs = [...word].map((sign) => {
    if (!/[\p{Cc}'\\]/u.test(sign)) return sign;
    return [...Buffer.from(sign)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  });
  return `$'${signs.join("")}'`;
}
