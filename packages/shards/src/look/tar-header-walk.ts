import { blockBytes, Failure, paddingBytes, parseTarHeader } from "@shardmill/core";
import type { ReadableFile } from "@shardmill/store";
import { memberNamePattern } from "../write/member-name.ts";

/** One member of a sample as it lies in a tar. */
export interface LocatedMember {
  readonly suffix: string;
  readonly dataOffset: number;
  readonly sizeBytes: number;
}

export interface LocatedSample {
  readonly key: string;
  /** Offset of the sample's first header, and of what follows its last member. */
  readonly offset: number;
  readonly endOffset: number;
  readonly members: readonly LocatedMember[];
}

interface EntryHeader {
  readonly name: string;
  readonly sizeBytes: number;
  readonly isFile: boolean;
}

/** What a tar says of itself at an offset: `end` where it or the file ends, `none` where there is no header. */
export async function headerAt(file: ReadableFile, offset: number): Promise<EntryHeader | "end" | "none"> {
  const block = await file.read(offset, offset + blockBytes);
  if (block.length < blockBytes) return "end";
  const parsed = parseTarHeader(block);
  if (parsed.kind === "zero") return "end";
  if (parsed.kind === "malformed") return "none";
  const { rawName, sizeBytes, type } = parsed.header;
  return { name: rawName.toString("utf8"), sizeBytes, isFile: type === "0" };
}

type OpenSample = LocatedSample & { endOffset: number; readonly members: LocatedMember[] };

/**
 * The samples from an offset on, by their headers alone: no member's data is read.
 * Lenient towards tars that other tools made (pax headers are passed over); `verify` is the strict one.
 */
export async function* locateSamples(
  file: ReadableFile,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<LocatedSample> {
  let sample: OpenSample | null = null;
  for (let offset = from; ; ) {
    signal.throwIfAborted();
    const header = await headerAt(file, offset);
    if (header === "end") break;
    if (header === "none") throw notTar(file.path, offset);
    const end = offset + blockBytes + header.sizeBytes + paddingBytes(header.sizeBytes);
    const [, key, suffix] = memberNamePattern.exec(header.name) ?? [];
    if (header.isFile && key !== undefined && suffix !== undefined) {
      if (sample === null || sample.key !== key) {
        if (sample !== null) yield sample;
        sample = { key, offset, endOffset: end, members: [] };
      }
      sample.members.push({ suffix, dataOffset: offset + blockBytes, sizeBytes: header.sizeBytes });
      sample.endOffset = end;
    }
    offset = end;
  }
  if (sample !== null) yield sample;
}

function notTar(path: string, offset: number): Failure {
  return new Failure("shard_invalid", `expected a tar header at byte ${offset} of ${path}, found none`, {
    where: { path },
    retry: "never",
  });
}
