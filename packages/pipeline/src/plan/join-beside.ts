import {
  type BesideFile,
  groupKey,
  isNamedAsRecord,
  maxBesideBytes,
  recordBeside,
} from "@shardmill/archives";
import { isNamedAs, mediaFileOf, readAll } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import type { RecordedPart } from "../context/part-source.ts";
import type { SpannedMember } from "./group-zip-frames.ts";
import type { Matches } from "./judge-members.ts";

interface Joined {
  readonly listed: readonly SpannedMember[];
  readonly matches: readonly Matches[];
}

/**
 * The files of a folder as members, each clip or picture with the record that its neighbours of one name make. A record that
 * belongs to some media is no member of its own.
 */
export async function joinBeside(
  context: BuildContext,
  { pieces }: RecordedPart,
  files: readonly SpannedMember[],
  signal: AbortSignal,
): Promise<Joined> {
  const media = mediaFileOf(context.dataset.media);
  const isMedia = (name: string): boolean => media !== null && isNamedAs(name, media);
  const keys = new Set(files.filter(({ name }) => isMedia(name)).map(({ name }) => groupKey(name)));
  const beside = new Map<string, BesideFile[]>();
  const listed: SpannedMember[] = [];
  for (const file of files) {
    const key = groupKey(file.name);
    if (isMedia(file.name) || !isNamedAsRecord(file.name) || !keys.has(key)) {
      listed.push(file);
      continue;
    }
    const piece = pieces[file.position];
    if (piece === undefined) throw new Error(`the part has no file ${file.position}`);
    signal.throwIfAborted();
    // One byte more than a record may have says that it is too large.
    const end = Math.min(piece.sizeBytes, maxBesideBytes + 1);
    const bytes = await readAll(context.source.open(piece), { start: 0, end }, signal);
    const known = beside.get(key);
    if (known === undefined) beside.set(key, [{ name: file.name, bytes }]);
    else known.push({ name: file.name, bytes });
  }
  const matches = listed.map(({ name }): Matches => {
    if (!isMedia(name)) return [];
    const found = recordBeside(name, beside.get(groupKey(name)) ?? []);
    return found.kind === "record" ? [found.record] : found.rejection;
  });
  return { listed, matches };
}
