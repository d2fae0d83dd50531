// Text of a source within a document: a caption, a licence or BibTeX is nobody's markup.

/** Controls and lone surrogates have no place in a document, nor do marks that turn the direction of what follows. */
const unseen = /[\p{Cc}\p{Cs}\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu;

/** Text of a source on one line, as it is: no sign of it can be taken for anything but itself. */
export function plainLine(text: string): string {
  return text.replace(/[\s\u{2028}\u{2029}]+/gu, " ").replace(unseen, "\u{FFFD}");
}

/** The same with its lines. */
export function plainLines(text: string): string {
  return text
    .replace(/\r\n?|[\u{2028}\u{2029}]/gu, "\n")
    .replace(unseen, (sign) => (sign === "\n" ? sign : sign === "\t" ? "  " : "\u{FFFD}"));
}

/** Every sign that Markdown, or HTML within it, could take for its own. */
export function escapeMarkdown(text: string): string {
  return plainLine(text)
    .replace(/[\\`*_{}[\]#|~$!]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/^(\s*)([-+=])/, "$1\\$2")
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, "$1\\$2");
}

/** A fence is longer than any within. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${plainLines(text)}\n${fence}`;
}
