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

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** For HTML, XML and their attributes. */
export function escapeMarkup(text: string): string {
  return plainLines(text).replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);
}

/** An address that a reader may be sent to, in the form of a URL; null for any other. */
export function safeUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, href } = new URL(url);
  return protocol === "https:" || protocol === "http:" ? href : null;
}
