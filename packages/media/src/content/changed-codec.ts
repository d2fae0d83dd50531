import { mappedStreams, tsLayout } from "./transport-stream.ts";

/** Codecs by stream type (ISO/IEC 13818-1, table 2-34). MPEG-1 and MPEG-2 are one decoder's; types not listed say nothing. */
const codecs: ReadonlyMap<number, string> = new Map([
  [0x01, "mpeg2video"],
  [0x02, "mpeg2video"],
  [0x10, "mpeg4"],
  [0x1b, "h264"],
  [0x24, "hevc"],
  [0x33, "vvc"],
]);

/**
 * One line where the program maps of a transport stream give a PID another codec in mid file. FFmpeg's versions differ in
 * what they do then: one decodes the first codec's pictures, another the last one's. Null where none does.
 */
export function changedCodec(content: Uint8Array, { id }: { readonly id: number }): string | null {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const layout = tsLayout(bytes);
  if (layout === null) return null;
  let before: string | null = null;
  for (const { type, pid, isIntact } of mappedStreams(bytes, layout, Number.POSITIVE_INFINITY)) {
    const codec = isIntact && pid === id ? (codecs.get(type) ?? null) : null;
    if (codec === null) continue;
    if (before !== null && codec !== before) return `the codec changes from ${before} to ${codec}`;
    before = codec;
  }
  return null;
}
