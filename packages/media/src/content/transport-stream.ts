/** How the packets of a transport stream lie in a file. */
export interface TsLayout {
  readonly first: number;
  readonly stride: number;
}

const packetBytes = 188;
export const tsSync = 0x47;

/** Plain packets, or those of Blu-ray and camcorders with four bytes of time before each; null where it is none. */
export function tsLayout(bytes: Buffer): TsLayout | null {
  const candidates = [
    { first: 0, stride: packetBytes },
    { first: 4, stride: packetBytes + 4 },
  ];
  const isSync = (at: number) => at >= bytes.length || bytes[at] === tsSync;
  return (
    candidates.find(
      ({ first, stride }) => bytes[first] === tsSync && isSync(first + stride) && isSync(first + 2 * stride),
    ) ?? null
  );
}

/** An elementary stream, as a program map tells of it: its stream type (ISO/IEC 13818-1, table 2-34) and its PID. */
interface MappedStream {
  readonly type: number;
  readonly pid: number;
  /** The map that tells so has the checksum that it states. */
  readonly isIntact: boolean;
}

/** The streams of the program maps among the first packets, each map in one packet (2.4.4.8). */
export function* mappedStreams(
  bytes: Buffer,
  { first, stride }: TsLayout,
  packets: number,
): Generator<MappedStream, void> {
  for (let number = 0; number < packets; number += 1) {
    const at = first + number * stride;
    if (at + packetBytes > bytes.length) return;
    const isStart = ((bytes[at + 1] ?? 0) & 0x40) !== 0 && ((bytes[at + 3] ?? 0) & 0x30) === 0x10;
    const section = at + 5 + (bytes[at + 4] ?? 0);
    // Table 2 is a program map; a PES packet begins with zeros where this looks.
    if (!isStart || section + 12 > at + packetBytes || bytes[section] !== 2) continue;
    const end = section + 3 + (bytes.readUInt16BE(section + 1) & 0xfff);
    const limit = Math.min(end, at + packetBytes);
    const isIntact = checksum(bytes.subarray(section, limit)) === 0;
    for (const stream of streamsOf(bytes, section, limit - 4)) yield { ...stream, isIntact };
  }
}

function* streamsOf(
  bytes: Buffer,
  section: number,
  end: number,
): Generator<Pick<MappedStream, "type" | "pid">, void> {
  const word = (at: number, mask: number) => bytes.readUInt16BE(at) & mask;
  let at = section + 12 + word(section + 10, 0xfff);
  while (at + 5 <= end) {
    yield { type: bytes[at] ?? 0, pid: word(at + 1, 0x1fff) };
    at += 5 + word(at + 3, 0xfff);
  }
}

/** CRC-32 of ISO/IEC 13818-1, annex A: 0 over a whole section. */
function checksum(section: Uint8Array): number {
  let register = 0xffff_ffff;
  for (const byte of section)
    for (let bit = 7; bit >= 0; bit -= 1) {
      const isOdd = ((register >>> 31) ^ (byte >>> bit)) & 1;
      register = (register << 1) ^ (isOdd === 1 ? 0x04c1_1db7 : 0);
    }
  return register >>> 0;
}
