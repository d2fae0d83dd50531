import { isNamedAs, type StreamedMember } from "@shardmill/core";
import { type BesideFile, groupKey, isNamedAsRecord, recordBeside } from "./record-beside.ts";

/** Of one sample at most so much is held at once; what goes beyond begins another. */
const maxFiles = 256;
const maxGroupBytes = 512 * 1024 * 1024;

/**
 * Joins the files of a sample in a WebDataset tar, which lie one after the other under one key: each clip or picture among them is a
 * member with the record of the group. Of a group without any, and of files that are neither, each passes by itself.
 */
export async function* groupBeside(
  members: AsyncIterable<StreamedMember>,
  media: "video" | "picture",
  signal: AbortSignal,
): AsyncGenerator<StreamedMember> {
  let group: StreamedMember[] = [];
  let key: string | null = null;
  let bytes = 0;
  for await (const member of members) {
    signal.throwIfAborted();
    const own = groupKey(member.name);
    const size = member.kind === "member" ? member.sizeBytes : 0;
    if (own !== key || group.length >= maxFiles || bytes + size > maxGroupBytes) {
      yield* joined(group, media);
      group = [];
      key = own;
      bytes = 0;
    }
    group.push(member);
    bytes += size;
  }
  yield* joined(group, media);
}

function* joined(group: readonly StreamedMember[], media: "video" | "picture"): Generator<StreamedMember> {
  const isMedia = ({ name }: StreamedMember): boolean => isNamedAs(name, media);
  const hasMedia = group.some(isMedia);
  const files = group.flatMap((member): BesideFile[] =>
    isNamedAsRecord(member.name) && member.kind === "member" && member.content.kind === "file"
      ? [{ name: member.name, bytes: member.content.bytes }]
      : [],
  );
  for (const member of group) {
    if (isMedia(member)) yield withRecord(member, files);
    // A record that could not be read is told, and one that was belongs to its media.
    else if (!hasMedia || member.kind === "rejected" || !isNamedAsRecord(member.name)) yield member;
  }
}

function withRecord(member: StreamedMember, files: readonly BesideFile[]): StreamedMember {
  if (member.kind === "rejected" || member.content.kind !== "file") return member;
  const { position, name, content } = member;
  const found = recordBeside(name, files);
  if (found.kind === "rejected") return { position, name, ...found };
  return { ...member, content: { ...content, record: found.record } };
}
