/**
 * What a terminal, or a reader, takes for something else than text: control characters of both sets, lone surrogates,
 * separators of lines and paragraphs, and what is not seen at all (Unicode's Default_Ignorable_Code_Point: marks of
 * direction, zero-width signs, tags). Variation selectors stay, and joiners between signs of scripts that write with them.
 */
const unseen =
  /(?![\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}])(?!(?<=[^\0-\x7F])[\u{200C}\u{200D}](?=[^\0-\x7F]))[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const replacement = "\u{FFFD}";

/** Longer words of a source are cut: what a person has to recognise stands in the first few hundred signs. */
const longestWord = 500;

/** Text of a source for one line of a terminal: it can neither move the cursor nor break the line, nor go on for ever. */
export function safeText(text: string, longest = longestWord): string {
  const cut = text.length > longest ? `${wholeSigns(text.slice(0, longest - 1))}…` : text;
  return cut.replace(unseen, replacement);
}

/** Text of several lines: line feeds and tabs stay. */
export function safeLines(text: string): string {
  return text.replace(unseen, (sign) => (sign === "\n" || sign === "\t" ? sign : replacement));
}

/** JSON with everything of that kind escaped, so that it holds the same data and no terminal is moved by it. */
export function safeJson(json: string): string {
  return json.replace(unseen, (sign) =>
    sign === "\n"
      ? sign
      : Array.from({ length: sign.length }, (_, at) => `\\u${hex(sign.charCodeAt(at))}`).join(""),
  );
}

function hex(code: number): string {
  return code.toString(16).padStart(4, "0");
}

/** Without the first half of a pair that was cut. */
function wholeSigns(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
