const packetBytes = 188;
const sync = 0x47;
/** How far in: a scrambled stream is so from its first seconds on. */
const packetsLimit = 200_000;
/** A damaged header may look scrambled; a scrambled stream has few packets that are not. */
const scrambledShare = 0.1;
/** Stream types of HLS SAMPLE-AES (Apple, MPEG-2 stream encryption format): H.264 whose slices are encrypted. */
const sampleAes = new Set([0xdb]);

/** ISO/IEC 13818-1, 2.4.3: whether the packets of a PID (or of any) carry scrambling bits, or its type names SAMPLE-AES. */
export function isScrambledTs(bytes: Buffer, place: { readonly id: number } | null): boolean {
  const layout = layoutOf(bytes);
  if (layout === null) return false;
  const counts = new Map<number, { all: number; scrambled: number }>();
  const packets = Math.min(packetsLimit, Math.floor((bytes.length - layout.first) / layout.stride));
  for (let number = 0; number < packets; number += 1) {
    const at = layout.first + number * layout.stride;
    if (bytes[at] !== sync) continue;
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

/** Plain packets, or those of Blu-ray and camcorders with four bytes of time before each. */
function layoutOf(bytes: Buffer): { readonly first: number; readonly stride: number } | null {
  const candidates = [
    { first: 0, stride: packetBytes },
    { first: 4, stride: packetBytes + 4 },
  ];
  const isSync = (at: number) => at >= bytes.length || bytes[at] === sync;
  return (
    candidates.find(
      ({ first, stride }) => bytes[first] === sync && isSync(first + stride) && isSync(first + 2 * stride),
    ) ?? null
  );
}

/** The first program maps: type and PID of each stream (2.4.4.8), each map in one packet. */
function namesSampleAes(
  bytes: Buffer,
  { first, stride }: { readonly first: number; readonly stride: number },
  place: { readonly id: number } | null,
): boolean {
  for (let number = 0; number < 200; number += 1) {
    const at = first + number * stride;
    if (at + packetBytes > bytes.length) return false;
    const isStart = ((bytes[at + 1] ?? 0) & 0x40) !== 0 && ((bytes[at + 3] ?? 0) & 0x30) === 0x10;
    const section = at + 5 + (bytes[at + 4] ?? 0);
    // Table 2 is a program map; a PES packet begins with zeros where this looks.
    if (!isStart || section + 12 > at + packetBytes || bytes[section] !== 2) continue;
    for (const { type, pid } of streamsOf(bytes, section, at + packetBytes))
      if (sampleAes.has(type) && (place === null || place.id === pid)) return true;
  }
  return false;
}

function* streamsOf(
  bytes: Buffer,
  section: number,
  limit: number,
): Generator<{ type: number; pid: number }, void> {
  const word = (at: number, mask: number) => bytes.readUInt16BE(at) & mask;
  const end = Math.min(section + 3 + word(section + 1, 0xfff) - 4, limit);
  let at = section + 12 + word(section + 10, 0xfff);
  while (at + 5 <= end) {
    yield { type: bytes[at] ?? 0, pid: word(at + 1, 0x1fff) };
    at += 5 + word(at + 3, 0xfff);
  }
}
