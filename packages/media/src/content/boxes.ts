/** A box of ISO/IEC 14496-12, 4.2. Offsets are the file's. */
export interface Box {
  readonly type: string;
  /** Of its content, behind the header. */
  readonly from: number;
  /** Exclusive; beyond the file's end where the file was cut. */
  readonly to: number;
}

/** The boxes that lie one after the other in a stretch of a file; ends at what is no box. */
export function* boxesIn(bytes: Buffer, from: number, to: number): Generator<Box, void> {
  let at = from;
  while (at + 8 <= to) {
    const size = bytes.readUInt32BE(at);
    const isLong = size === 1;
    if (isLong && at + 16 > to) return;
    const whole = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : size === 0 ? to - at : size;
    const header = isLong ? 16 : 8;
    if (whole < header) return;
    yield { type: bytes.toString("latin1", at + 4, at + 8), from: at + header, to: at + whole };
    at += whole;
  }
}

/** The first box down a path of types, such as `mdia`, `minf`; null where one is missing. */
export function boxAt(bytes: Buffer, within: Box, path: readonly string[]): Box | null {
  let current: Box | null = within;
  for (const type of path) {
    if (current === null) return null;
    const to = Math.min(current.to, bytes.length);
    current = [...boxesIn(bytes, current.from, to)].find((box) => box.type === type) ?? null;
  }
  return current;
}

/** What a QuickTime or ISO file may begin with. */
const movBoxes: ReadonlySet<string> = new Set([
  ...["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp", "uuid", "moof", "sidx"],
]);

/** True where a file begins as QuickTime and ISO files do. */
export function isMov(bytes: Buffer): boolean {
  return bytes.length >= 8 && movBoxes.has(bytes.toString("latin1", 4, 8));
}
