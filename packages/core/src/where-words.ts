/** A word of a `where`, with where it begins. */
export type Word = { readonly at: number } & (
  | { readonly kind: "name" | "sign"; readonly text: string }
  | { readonly kind: "value"; readonly value: string | number | bigint }
);

const longest = 2000;

const forms =
  /\s+|([A-Za-z_]\w*)|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.])|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(<=|>=|==|!=|[<>=(),])/suy;

/** The words of a `where`, or what is wrong with its text. */
export function wordsOf(text: string): readonly Word[] | string {
  if (text.length > longest) return `${longest} letters are the most`;
  const words: Word[] = [];
  forms.lastIndex = 0;
  while (forms.lastIndex < text.length) {
    const at = forms.lastIndex;
    const found = forms.exec(text);
    if (found === null) return `nothing known begins at ${shown(text, at)}`;
    const [, name, number, quoted, sign] = found;
    if (name !== undefined) words.push({ kind: "name", text: name, at });
    if (number !== undefined) words.push({ kind: "value", value: numberOf(number), at });
    if (quoted !== undefined) words.push({ kind: "value", value: textOf(quoted), at });
    if (sign !== undefined) words.push({ kind: "sign", text: sign === "=" ? "==" : sign, at });
  }
  return words;
}

/** What stands there, for a message. */
export function shown(text: string, at: number): string {
  const rest = text.slice(at, at + 20).trim();
  return rest === "" ? "the end" : JSON.stringify(rest);
}

function numberOf(text: string): number | bigint {
  const number = Number(text);
  return /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

function textOf(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/gsu, "$1");
}
