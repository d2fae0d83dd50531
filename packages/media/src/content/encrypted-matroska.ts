/** RFC 9559: identifiers of the elements on the way to a track's encryption. */
const ids = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  cluster: 0x1f43b675,
  tracks: 0x1654ae6b,
  entry: 0xae,
  type: 0x83,
  encodings: 0x6d80,
  encoding: 0x6240,
  encryption: 0x5035,
};
const video = 1;

interface Element {
  readonly id: number;
  readonly from: number;
  /** Exclusive, never beyond the file. */
  readonly to: number;
}

/** Whether a video track (the one at this place among them, or any) has a ContentEncryption. */
export function isEncryptedMatroska(bytes: Buffer, place: { readonly ordinal: number } | null): boolean {
  if (bytes.length < 8 || bytes.readUInt32BE(0) !== ids.ebml) return false;
  const videos = [...entriesOf(bytes)].filter((entry) =>
    [...elements(bytes, entry)].some(
      ({ id, from, to }) => id === ids.type && to > from && bytes[to - 1] === video,
    ),
  );
  return videos.some((entry, at) => (place === null || at === place.ordinal) && isEncrypted(bytes, entry));
}

function* entriesOf(bytes: Buffer): Generator<Element, void> {
  for (const segment of elements(bytes, { from: 0, to: bytes.length })) {
    if (segment.id !== ids.segment) continue;
    for (const child of elements(bytes, segment)) {
      if (child.id === ids.cluster) break;
      if (child.id !== ids.tracks) continue;
      for (const entry of elements(bytes, child)) if (entry.id === ids.entry) yield entry;
    }
  }
}

function isEncrypted(bytes: Buffer, entry: Element): boolean {
  return [...elements(bytes, entry)]
    .filter(({ id }) => id === ids.encodings)
    .flatMap((encodings) => [...elements(bytes, encodings)])
    .filter(({ id }) => id === ids.encoding)
    .flatMap((encoding) => [...elements(bytes, encoding)])
    .some(({ id }) => id === ids.encryption);
}

/** RFC 8794: an identifier and a size, each of a length that its first byte's leading zeros tell; sizes of all ones are unknown. */
function* elements(
  bytes: Buffer,
  within: { readonly from: number; readonly to: number },
): Generator<Element, void> {
  let at = within.from;
  while (at + 2 <= within.to) {
    const idLength = Math.clz32(bytes[at] ?? 0) - 23;
    const sizeAt = at + idLength;
    const sizeLength = Math.clz32(bytes[sizeAt] ?? 0) - 23;
    if (idLength > 4 || sizeLength > 8 || sizeAt + sizeLength > within.to) return;
    const from = sizeAt + sizeLength;
    const size = sizeOf(bytes, sizeAt, sizeLength);
    const to = size === null ? within.to : Math.min(within.to, from + size);
    yield { id: bytes.readUIntBE(at, idLength), from, to };
    at = to;
  }
}

function sizeOf(bytes: Buffer, at: number, length: number): number | null {
  let size = (bytes[at] ?? 0) & (0xff >> length);
  let isUnknown = size === 0xff >> length;
  for (let offset = 1; offset < length; offset += 1) {
    const byte = bytes[at + offset] ?? 0;
    size = size * 256 + byte;
    if (byte !== 0xff) isUnknown = false;
  }
  return isUnknown ? null : size;
}
