import { gzipSync } from "node:zlib";
import { type Remark, RemarkBook, type StreamedMember } from "@shardmill/core";
import { streamTarMembers, type TarStreamOptions } from "../src/tar/stream-tar-members.ts";
import { MemorySource } from "./memory-source.ts";

const signal = new AbortController().signal;
export const maxBytes = 100_000_000;

interface Ended {
  readonly members: StreamedMember[];
  readonly remarks: Remark[];
  readonly error: unknown;
}

/** Members, what was remarked, and how the stream ended. */
export async function outcomeOf(
  tar: Buffer,
  { gzip = false, ...options }: Partial<TarStreamOptions> & { gzip?: boolean } = {},
): Promise<Ended> {
  const members: StreamedMember[] = [];
  const book = new RemarkBook();
  const source = new MemorySource(gzip ? gzipSync(tar) : tar, 5000);
  try {
    const streamed = streamTarMembers(source, { maxBytes, remarks: book, ...options }, signal);
    for await (const member of streamed) members.push(member);
    return { members, remarks: book.list(), error: null };
  } catch (error) {
    return { members, remarks: book.list(), error };
  }
}

/** Position, name and fate of each. */
export function told(members: readonly StreamedMember[]): [number, string, string][] {
  return members.map((m) => [m.position, m.name, m.kind === "member" ? "member" : m.rejection.code]);
}

export function bytesOf(member: StreamedMember | undefined): Uint8Array {
  if (member?.kind !== "member" || member.content.kind !== "file") throw new Error("expected a file");
  return member.content.bytes;
}
