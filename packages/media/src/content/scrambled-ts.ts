import { mappedStreams, type TsLayout, tsLayout, tsSync } from "./transport-stream.ts";

/** How far in: a scrambled stream is so from its first seconds on. */
const packetsLimit = 200_000;
/** A damaged header may look scrambled; a scrambled stream has few packets that are not. */
const scrambledShare = 0.1;
/** Stream types of HLS SAMPLE-AES (Apple, MPEG-2 stream encryption format): H.264 whose slices are encrypted. */
const sampleAes = new Set([0xdb]);

/** ISO/IEC 13818-1, 2.4.3: whether the packets of a PID (or of any) carry scrambling bits, or its type names SAMPLE-AES. */
export function isScrambledTs(bytes: Buffer, place: { readonly id: number } | null): boolean {
  const layout = tsLayout(bytes);
  if (layout === null) return false;
  const counts = new Map<number, { all: number; scrambled: number }>();
  const packets = Math.min(packetsLimit, Math.floor((bytes.length - layout.first) / layout.stride));
  for (let number = 0; number < packets; number += 1) {
    const at = layout.first + number * layout.stride;
    if (bytes[at] !== tsSync) continue;
    const pid = (((bytes[at + 1] ?? 0) & 31) << 8) | (bytes[at + 2] ?? 0);
    if (pid === nullPid || (place !== null && pid !== place.id && pid !== 0)) continue;
    const count = counts.get(pid) ?? { all: 0, scrambled: 0 };
    counts.set(pid, count);
    count.all += 1;
    if ((bytes[at + 3] ?? 0) >> 6 !== 0) count.scrambled += 1;
  }
  const isScrambled = [...counts.values()].some(({ all, scrambled }) => scrambled > all * scrambledShare);
  return isScrambled || namesSampleAes(bytes, layout, place);
}

const nullPid = 0x1fff;

/** The first program maps. */
function namesSampleAes(bytes: Buffer, layout: TsLayout, place: { readonly id: number } | null): boolean {
  const maps = mappedStreams(bytes, layout, 200);
  return [...maps].some(({ type, pid }) => sampleAes.has(type) && (place === null || place.id === pid));
}
