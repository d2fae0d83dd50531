import { isUtf8 } from "node:buffer";
import {
  blockBytes,
  Failure,
  paddingBytes,
  parseTarHeader,
  type Rejection,
  type RemarkBook,
  reject,
  type TarHeader,
} from "@shardmill/core";
import { nameProblem, printableName } from "../members/name-problem.ts";
import { contentName, firstBytes, notThisArchive } from "../members/sniff-archive.ts";
import { type PaxFields, parsePax } from "./parse-pax.ts";

/** Where a tar is read from: a stream, or a window that hops over what it skips. */
export interface TarInput {
  /** Absolute offset of the next byte. */
  readonly offset: number;
  /** So many bytes, or fewer at the end. */
  take(bytes: number): Promise<Uint8Array>;
  /** Tells how many bytes there were to skip. */
  skip(bytes: number): Promise<number>;
  /** Passes whole blocks of zeros, as many as come. */
  skipZeroBlocks(): Promise<void>;
}

/** An entry up to its data, with what its extension headers say about it. */
export interface TarHead {
  readonly kind: "entry";
  readonly name: string;
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
  /** Data on the tape, padded to blocks. */
  readonly paddedBytes: number;
  readonly dataOffset: number;
  /** Why the entry is no readable member, judged by its headers alone. */
  readonly rejection: Rejection | null;
}

/** Extension headers hold a name or a few numbers; more than this is an attack. */
const extensionLimit = 1024 * 1024;

interface Extensions {
  longName: Buffer | null;
  pax: PaxFields | null;
  isPaxBroken: boolean;
  /** Where the first header of the entry lies. */
  readonly offset: number;
}

/** The tape is at its end. `cut` names the member in whose headers it ends, where it does. */
export interface TarEnd {
  readonly kind: "end";
  readonly cut: string | null;
}

export interface TarHeadsOptions {
  readonly sourceName: string;
  /** What the bytes are that are counted, when they are not the file's own: `its unpacked data`. */
  readonly within?: string | undefined;
  readonly onHeader?: ((bytes: Uint8Array) => void) | undefined;
  readonly remarks: RemarkBook;
}

/**
 * Reads a tape from entry to entry, to its last byte and not to its first end marker: another tar behind that is read on,
 * as `tar --ignore-zeros` does, for `cat a.tar b.tar` is how people join them. What is no tar there is a remark, and so is
 * an end without a marker: readers that shrug at either lose data without a word.
 */
export class TarHeads {
  readonly #input: TarInput;
  readonly #options: TarHeadsOptions;
  #zeroBlocks = 0;
  /** Where bytes begin that are neither zeros nor a header, behind an end marker. */
  #foreign: { readonly offset: number; readonly looks: string } | null = null;
  /** Entries so far; a tape without any has no whole members to give. */
  #entries = 0;

  constructor(input: TarInput, options: TarHeadsOptions) {
    this.#input = input;
    this.#options = options;
  }

  /** Throws a Failure where a header is none, and where the tape ends before its first entry. */
  async next(): Promise<TarHead | TarEnd> {
    let extensions: Extensions | null = null;
    for (;;) {
      const offset = this.#input.offset;
      const block = asBuffer(await this.#input.take(blockBytes));
      if (block.length < blockBytes) return this.#end(block, extensions);
      const header = await this.#headerOf(block, offset, extensions);
      if (header === null) continue;
      extensions ??= { longName: null, pax: null, isPaxBroken: false, offset };
      const isExtension = "LKxg".includes(header.type);
      const isWhole = isExtension
        ? await this.#extend(extensions, header)
        : !header.isExtendedSparse || (await skipSparseMap(this.#input));
      if (!isWhole) return this.#cut(extensions, header.rawName);
      if (isExtension) continue;
      this.#entries += 1;
      return headOf(this.#input, header, extensions);
    }
  }

  /** Null for zeros, and for bytes behind an end marker that are no header. */
  async #headerOf(block: Buffer, offset: number, extensions: Extensions | null): Promise<TarHeader | null> {
    const parsed = parseTarHeader(block);
    if (parsed.kind === "zero") {
      this.#zeroBlocks += 1;
      if (this.#zeroBlocks > 1) await this.#input.skipZeroBlocks();
      return null;
    }
    if (parsed.kind === "malformed" || (this.#foreign !== null && !isPosix(block))) {
      this.#passForeign(block, offset, extensions, parsed.kind === "malformed" ? parsed.detail : "");
      return null;
    }
    this.#zeroBlocks = 0;
    this.#tellForeign(offset);
    this.#options.onHeader?.(block);
    return parsed.header;
  }

  async #extend(extensions: Extensions, header: TarHeader): Promise<boolean> {
    if (header.sizeBytes > extensionLimit)
      throw this.#malformed(`an extension header of ${header.sizeBytes} bytes`);
    const data = asBuffer(await this.#input.take(padded(header.sizeBytes)));
    if (data.length < header.sizeBytes) return false;
    this.#options.onHeader?.(data.subarray(0, header.sizeBytes));
    applyExtension(extensions, header.type, data.subarray(0, header.sizeBytes));
    return true;
  }

  /** Only behind an end marker: elsewhere a header that is none means that the tape is damaged. */
  #passForeign(block: Buffer, offset: number, extensions: Extensions | null, detail: string): void {
    if (this.#entries === 0 && extensions === null) throw this.#noTar(block.subarray(startOf(block)));
    if (this.#zeroBlocks === 0 || extensions !== null) throw this.#malformed(`at byte ${offset}: ${detail}`);
    const start = startOf(block);
    const found = block.subarray(start);
    this.#foreign ??= { offset: offset + start, looks: contentName(found) ?? firstBytes(found) };
  }

  #tellForeign(end: number): void {
    if (this.#foreign === null) return;
    const { offset, looks } = this.#foreign;
    this.#options.remarks.add("trailing_bytes", trailingDetail(this.#place(offset), end - offset, looks));
    this.#foreign = null;
  }

  #end(rest: Buffer, extensions: Extensions | null): TarEnd {
    const { offset } = this.#input;
    const isEmpty = rest.every((byte) => byte === 0);
    // Behind an end marker, an extension header without its entry (git writes one) is nothing that is cut.
    if (extensions !== null && this.#zeroBlocks === 0) return this.#cut(extensions, Buffer.alloc(0));
    if (this.#zeroBlocks > 0) {
      if (!isEmpty) this.#passForeign(rest, offset - rest.length, null, "");
      this.#tellForeign(offset);
      return { kind: "end", cut: null };
    }
    if (this.#entries === 0) {
      if (contentName(rest) !== null && rest.length > 0) throw this.#noTar(rest);
      const message = `tar ${this.#place(offset)}: it ends where its first header should be`;
      throw this.#failure("archive_truncated", message);
    }
    if (isEmpty) {
      this.#options.remarks.add(
        "archive_truncated",
        `tar ${this.#place(offset)}: it ends without an end marker; its members are whole, and whether more should follow is not known`,
      );
      return { kind: "end", cut: null };
    }
    return this.#cut({ longName: null, pax: null, isPaxBroken: false, offset: offset - rest.length }, rest);
  }

  /** The tape ends within the headers of an entry: it is a member, of which not even the name may be there. */
  #cut(extensions: Extensions, rawName: Buffer): TarEnd {
    if (this.#entries === 0)
      throw this.#failure(
        "archive_truncated",
        `tar ${this.#place(this.#input.offset)}: it ends within its first header`,
      );
    const known = extensions.pax?.path ?? extensions.longName ?? rawName.subarray(0, 100);
    const zero = known.indexOf(0);
    const name = printableName((zero < 0 ? known : known.subarray(0, zero)).toString("utf8"));
    return { kind: "end", cut: name === "" ? `(no name, at byte ${extensions.offset})` : name };
  }

  #place(offset: number): string {
    const { sourceName, within } = this.#options;
    return `${sourceName} at byte ${offset}${within === undefined ? "" : ` of ${within}`}`;
  }

  #noTar(head: Uint8Array): Failure {
    const { sourceName, within } = this.#options;
    const what = within === undefined ? sourceName : `${sourceName}, unpacked,`;
    return this.#failure("archive_malformed", notThisArchive(what, "tar", head));
  }

  #malformed(detail: string): Failure {
    return this.#failure("archive_malformed", `tar ${this.#options.sourceName}: ${detail}`);
  }

  #failure(code: "archive_malformed" | "archive_truncated", message: string): Failure {
    return new Failure(code, message, { where: { path: this.#options.sourceName } });
  }
}

/** One line on bytes that nothing reads. */
export function trailingDetail(place: string, bytes: number, looks: string): string {
  return `${place}: ${bytes} bytes behind the archive's end are no further archive: ${looks}`;
}

/** One line on a tape that ends within a member. */
export function cutDetail(sourceName: string, member: string): string {
  return `tar ${sourceName} ends within ${member}: the members before it are whole, what should follow is not there`;
}

function padded(bytes: number): number {
  return bytes + paddingBytes(bytes);
}

/** Global pax headers (`g`) are left alone: in practice they hold a comment, and a name or size for all makes no sense. */
function applyExtension(extensions: Extensions, type: string, data: Buffer): void {
  if (type === "L") {
    const end = data.indexOf(0);
    extensions.longName = end < 0 ? data : data.subarray(0, end);
  }
  if (type === "x") {
    extensions.pax = parsePax(data);
    extensions.isPaxBroken = extensions.pax === null;
  }
}

function headOf(input: TarInput, header: TarHeader, extensions: Extensions): TarHead {
  const rawName = extensions.pax?.path ?? extensions.longName ?? header.rawName;
  const name = rawName.toString("utf8").replace(/^(\.\/+)+(?=.)/, "");
  const isFile = header.type === "0" || header.type === "7";
  const isDirectory = header.type === "5" || header.type === "D" || (isFile && name.endsWith("/"));
  // Links, devices and folders have no data, whatever their size says.
  const dataBytes = "123456".includes(header.type) ? 0 : (extensions.pax?.sizeBytes ?? header.sizeBytes);
  return {
    kind: "entry",
    name: printableName(name),
    isDirectory,
    sizeBytes: dataBytes,
    paddedBytes: padded(dataBytes),
    dataOffset: input.offset,
    rejection: rejectionOf({ rawName, name, isFile, type: header.type, dataBytes }, extensions),
  };
}

/** False where the tape ends within it. */
async function skipSparseMap(input: TarInput): Promise<boolean> {
  for (;;) {
    const block = await input.take(blockBytes);
    if (block.length < blockBytes) return false;
    if (block[504] !== 1) return true;
  }
}

function startOf(block: Buffer): number {
  return Math.max(
    0,
    block.findIndex((byte) => byte !== 0),
  );
}

function isPosix(block: Buffer): boolean {
  return block.toString("latin1", 257, 262) === "ustar";
}

function rejectionOf(
  entry: { rawName: Buffer; name: string; isFile: boolean; type: string; dataBytes: number },
  { pax, isPaxBroken }: Pick<Extensions, "pax" | "isPaxBroken">,
): Rejection | null {
  if (!isUtf8(entry.rawName)) return reject("unsafe_name", "the name is no UTF-8");
  const problem = nameProblem(entry.name);
  if (problem !== null) return reject("unsafe_name", problem);
  if (isPaxBroken) return reject("member_malformed", "the pax header is not well formed");
  if (!entry.isFile)
    return reject("member_type_unsupported", `expected a file, found tar type ${entry.type}`);
  if (pax?.isSparse === true)
    return reject("member_type_unsupported", "expected a file, found a sparse file");
  if (entry.dataBytes === 0) return reject("empty_member", "the member has zero bytes");
  return null;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
