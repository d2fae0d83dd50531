/** What an H.264 or HEVC packet is to the packets around it. */
export interface AccessUnit {
  /**
   * idr: decoding can begin here. cra: it can, except for the rasl pictures that follow. rasl: needs what came
   * before its cra. picture: anything else, h264 recovery points included.
   */
  readonly role: "idr" | "cra" | "rasl" | "picture";
  /** No other picture is predicted from it (of its own temporal layer, in HEVC). */
  readonly disposable: boolean;
  readonly temporalId: number;
  readonly hasParameterSets: boolean;
  /** It is predicted from pictures that are shown later (H.264 B slices; in HEVC: it may be, by its type). */
  readonly isBidirectional: boolean;
}

/** How a packet's NAL units are laid out: by length fields of so many bytes (mp4, mkv), or by start codes. */
export type NalLayout =
  | { readonly kind: "lengths"; readonly bytes: number }
  | { readonly kind: "startCodes" };

/** The layout that the stream's extradata announces. */
export function nalLayout(codec: "h264" | "hevc", extradata: Uint8Array | null): NalLayout {
  const at = codec === "h264" ? 4 : 21;
  const lengths = extradata?.[at];
  // avcC and hvcC begin with version 1; a start code begins with zeros.
  return extradata?.[0] === 1 && lengths !== undefined
    ? { kind: "lengths", bytes: (lengths & 3) + 1 }
    : { kind: "startCodes" };
}

/** Null where the bytes hold no whole picture that we understand. */
export function accessUnit(codec: "h264" | "hevc", data: Buffer, layout: NalLayout): AccessUnit | null {
  const state: Units = {
    role: null,
    disposable: true,
    temporalId: 0,
    hasParameterSets: false,
    isBidirectional: false,
    isMalformed: false,
  };
  const see = codec === "h264" ? seeH264 : seeHevc;
  if (layout.kind === "lengths") walkLengths(data, layout.bytes, (at) => see(state, data, at), state);
  else walkStartCodes(data, (at) => see(state, data, at));
  if (state.role === null || state.isMalformed) return null;
  const { role, disposable, temporalId, hasParameterSets, isBidirectional } = state;
  return { role, disposable, temporalId, hasParameterSets, isBidirectional };
}

interface Units {
  role: AccessUnit["role"] | null;
  disposable: boolean;
  temporalId: number;
  hasParameterSets: boolean;
  isBidirectional: boolean;
  isMalformed: boolean;
}

function walkLengths(data: Buffer, bytes: number, see: (at: number) => void, state: Units): void {
  let at = 0;
  while (at + bytes < data.length) {
    const length = data.readUIntBE(at, bytes);
    if (length === 0 || at + bytes + length > data.length) {
      state.isMalformed = true;
      return;
    }
    see(at + bytes);
    at += bytes + length;
  }
}

const startCode = Buffer.from([0, 0, 1]);

function walkStartCodes(data: Buffer, see: (at: number) => void): void {
  let at = data.indexOf(startCode);
  while (at >= 0 && at + 3 < data.length) {
    see(at + 3);
    at = data.indexOf(startCode, at + 3);
  }
}

/** ISO/IEC 14496-10, 7.3.1: one header byte, nal_ref_idc in bits 5 and 6. */
function seeH264(state: Units, data: Buffer, at: number): void {
  const header = data[at] ?? 0;
  const type = header & 31;
  if (type === 7 || type === 8 || type === 15) state.hasParameterSets = true;
  // 14 and 20 are the scalable and multiview extensions, which base decoders skip.
  if (type < 1 || type > 5) return;
  if (((header >> 5) & 3) !== 0) state.disposable = false;
  if (type === 1 && isBSlice(data, at + 1)) state.isBidirectional = true;
  const role = type === 5 ? "idr" : "picture";
  // Both fields of a coded frame lie in one packet; the second of an IDR may be a plain P field.
  state.role = state.role === "idr" ? "idr" : role;
}

/** ISO/IEC 14496-10, 7.3.3 and table 7-6: first_mb_in_slice, then slice_type (1 and 6: B), as Exp-Golomb codes. */
function isBSlice(data: Buffer, at: number): boolean {
  const first = 2 * Math.clz32(wordAt(data, at)) + 1;
  if (first > 31) return false;
  const rest = (wordAt(data, at + (first >> 3)) << (first & 7)) >>> 0;
  const zeros = Math.clz32(rest);
  if (zeros > 3) return false;
  const sliceType = (rest >>> (31 - 2 * zeros)) - 1;
  return sliceType === 1 || sliceType === 6;
}

/** Four bytes, zeros behind the end. */
function wordAt(data: Buffer, at: number): number {
  return [0, 1, 2, 3].reduce((word, offset) => ((word << 8) | (data[at + offset] ?? 0)) >>> 0, 0);
}

/** ISO/IEC 23008-2, 7.3.1.2: two header bytes; type in bits 1 to 6, temporal id plus one in the last three. */
function seeHevc(state: Units, data: Buffer, at: number): void {
  const type = ((data[at] ?? 0) >> 1) & 63;
  const layer = (((data[at] ?? 0) & 1) << 5) | ((data[at + 1] ?? 0) >> 3);
  if (type >= 32 && type <= 34) state.hasParameterSets = true;
  if (type > 31 || layer !== 0) return;
  state.temporalId = Math.max(state.temporalId, ((data[at + 1] ?? 0) & 7) - 1);
  // Sub-layer non-reference pictures have even types below 16 (table 7-1).
  if (type >= 16 || type % 2 === 1) state.disposable = false;
  // Leading pictures (6 to 9) are shown before their start; encoders mark no others than B pictures as non-reference.
  if (type < 16 && (type % 2 === 0 || (type >= 6 && type <= 9))) state.isBidirectional = true;
  state.role = hevcRole(type);
}

function hevcRole(type: number): AccessUnit["role"] {
  if (type === 19 || type === 20) return "idr";
  // BLA pictures (16 to 18) begin a stream as an opening CRA does: their rasl pictures are dropped.
  if (type >= 16 && type <= 23) return "cra";
  return type === 8 || type === 9 ? "rasl" : "picture";
}
