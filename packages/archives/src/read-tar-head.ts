import { isUtf8 } from "node:buffer";
import { Failure, type Rejection, reject } from "@shardmill/core";
import { nameProblem, printableName } from "./name-problem.ts";
import { type PaxFields, parsePax } from "./parse-pax.ts";
import { blockBytes, parseTarHeader, type TarHeader } from "./tar-header.ts";

/** Where a tar is read from: a stream, or a window that hops over what it skips. */
export interface TarInput {
  /** Absolute offset of the next byte. */
  readonly offset: number;
  /** So many bytes, or fewer at the end. */
  take(bytes: number): Promise<Uint8Array>;
  /** Tells how many bytes there were to skip. */
  skip(bytes: number): Promise<number>;
}

/** An entry up to its data, with what its extension headers say about it. */
export interface TarHead {
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
}

/**
 * Reads on to the next entry. Null at the end marker. A tar that ends without one is cut off, even on the border of a
 * member: readers that shrug at this lose data without a word.
 */
export async function readTarHead(
  input: TarInput,
  sourceName: string,
  onHeader: (bytes: Uint8Array) => void = () => undefined,
): Promise<TarHead | null> {
  const extensions: Extensions = { longName: null, pax: null, isPaxBroken: false };
  let zeroBlocks = 0;
  for (;;) {
    const block = asBuffer(await input.take(blockBytes));
    if (block.length < blockBytes) {
      if (zeroBlocks > 0) return null;
      throw truncated(sourceName, `at byte ${input.offset}, where a header or the end marker should be`);
    }
    const parsed = parseTarHeader(block);
    if (parsed.kind === "malformed")
      throw new Failure(
        "archive_malformed",
        `tar ${sourceName} at byte ${input.offset - blockBytes}: ${parsed.detail}`,
        {
          where: { path: sourceName },
        },
      );
    if (parsed.kind === "zero") {
      zeroBlocks += 1;
      if (zeroBlocks === 2) return null;
      continue;
    }
    zeroBlocks = 0;
    onHeader(block);
    const { header } = parsed;
    if (!"LKxg".includes(header.type)) return headOf(input, header, extensions, sourceName);
    const data = await extensionData(input, header, sourceName);
    onHeader(data);
    applyExtension(extensions, header.type, data);
  }
}

export function truncated(sourceName: string, where: string): Failure {
  return new Failure("archive_truncated", `tar ${sourceName} ends ${where}`, { where: { path: sourceName } });
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

async function extensionData(input: TarInput, header: TarHeader, sourceName: string): Promise<Buffer> {
  if (header.sizeBytes > extensionLimit)
    throw new Failure(
      "archive_malformed",
      `tar ${sourceName}: an extension header of ${header.sizeBytes} bytes`,
      {
        where: { path: sourceName },
      },
    );
  const data = asBuffer(await input.take(padded(header.sizeBytes)));
  if (data.length < header.sizeBytes) throw truncated(sourceName, "within an extension header");
  return data.subarray(0, header.sizeBytes);
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

async function headOf(
  input: TarInput,
  header: TarHeader,
  extensions: Extensions,
  sourceName: string,
): Promise<TarHead> {
  const rawName = extensions.pax?.path ?? extensions.longName ?? header.rawName;
  const name = rawName.toString("utf8").replace(/^(\.\/+)+(?=.)/, "");
  const isFile = header.type === "0" || header.type === "7";
  const isDirectory = header.type === "5" || header.type === "D" || (isFile && name.endsWith("/"));
  if (header.isExtendedSparse) await skipSparseMap(input, sourceName);
  // Links, devices and folders have no data, whatever their size says.
  const dataBytes = "123456".includes(header.type) ? 0 : (extensions.pax?.sizeBytes ?? header.sizeBytes);
  return {
    name: printableName(name),
    isDirectory,
    sizeBytes: dataBytes,
    paddedBytes: padded(dataBytes),
    dataOffset: input.offset,
    rejection: rejectionOf({ rawName, name, isFile, type: header.type, dataBytes }, extensions),
  };
}

async function skipSparseMap(input: TarInput, sourceName: string): Promise<void> {
  for (;;) {
    const block = await input.take(blockBytes);
    if (block.length < blockBytes) throw truncated(sourceName, "within a sparse map");
    if (block[504] !== 1) return;
  }
}

function rejectionOf(
  entry: { rawName: Buffer; name: string; isFile: boolean; type: string; dataBytes: number },
  { pax, isPaxBroken }: Extensions,
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
