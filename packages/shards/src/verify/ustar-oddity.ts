/** How a header that can be read differs from what Shardmill writes (docs/formats.md); null when it does not. */
export function ustarOddity(header: Uint8Array): string | null {
  const text = Buffer.from(header.buffer, header.byteOffset, header.length);
  const field = (start: number, end: number): string => text.toString("latin1", start, end);
  const type = field(156, 157);
  if (field(257, 265) !== "ustar\x0000") return "not ustar";
  if (type !== "0") return `of type ${JSON.stringify(type)}, not a file`;
  if (text[345] !== 0) return "with a name prefix";
  return /^[0-7]{11}[ \0]$/.test(field(124, 136)) ? null : "with an unusual size field";
}
