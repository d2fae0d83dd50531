import { plainLines } from "@shardmill/core";

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
