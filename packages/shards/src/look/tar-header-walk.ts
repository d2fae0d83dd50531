import { Failure } from "@shardmill/core";
import type { ReadableFile } from "@shardmill/store";
import { memberNamePattern } from "../write/member-name.ts";
import { blockBytes, paddingBytes } from "../write/ustar-header.ts";
import { parseHeader } from "./parse-header.ts";

/** One member of a sample as it lies in a tar. */
export interface LocatedMember {
  readonly suffix: string;
  readonly dataOffset: number;
  readonly sizeBytes: number;
}

export interface LocatedSample {
  readonly key: string;
  /** Offset of the sample's first header. */
  readonly offset: number;
  readonly members: readonly LocatedMember[];
}

type OpenSample = LocatedSample & { readonly members: LocatedMember[] };

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
    const block = await file.read(offset, offset + blockBytes);
    if (block.length < blockBytes || block[0] === 0) break;
    const header = parseHeader(block);
    if (header === null) throw notTar(file.path, offset);
    const [, key, suffix] = memberNamePattern.exec(header.name) ?? [];
    if (header.isFile && key !== undefined && suffix !== undefined) {
      if (sample === null || sample.key !== key) {
        if (sample !== null) yield sample;
        sample = { key, offset, members: [] };
      }
      sample.members.push({ suffix, dataOffset: offset + blockBytes, sizeBytes: header.sizeBytes });
    }
    offset += blockBytes + header.sizeBytes + paddingBytes(header.sizeBytes);
  }
  if (sample !== null) yield sample;
}

function notTar(path: string, offset: number): Failure {
  return new Failure("shard_invalid", `expected a tar header at byte ${offset} of ${path}, found none`, {
    where: { path },
    retry: "never",
  });
}
