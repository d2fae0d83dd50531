import type { ClipSpan, PlannedMember } from "@shardmill/core";
import { z } from "zod";

/** What is made of a file for members that come later waits for them: so many of its stretches, and no farther ahead. */
const mostCuts = 32;
const membersAhead = 256;

const cutSchema = z.object({ startS: z.number(), endS: z.number().nullable() });
const fileSchema = z.object({ prefix: z.string(), path: z.string(), span: cutSchema });

/** The stretch of its file that a member is, as a root's table of cuts has it; null of a file that is a member as a whole. */
export function cutOf({ at }: Pick<PlannedMember, "at">): ClipSpan | null {
  return cutSchema.safeParse(at.span).data ?? null;
}

interface Group {
  readonly cuts: ClipSpan[];
  readonly first: number;
}

/** For members of a shard that are stretches of one file: all of these, in one list, so that the file is decoded once for them. */
export function sharedCuts(members: readonly PlannedMember[]): Map<PlannedMember, readonly ClipSpan[]> {
  const open = new Map<string, Group>();
  const shared = new Map<PlannedMember, readonly ClipSpan[]>();
  for (const [index, member] of members.entries()) {
    const file = fileSchema.safeParse(member.at).data;
    if (file === undefined) continue;
    const key = `${file.prefix}\0${file.path}`;
    const known = open.get(key);
    const isFull =
      known !== undefined && (known.cuts.length === mostCuts || index - known.first > membersAhead);
    const group = known === undefined || isFull ? { cuts: [], first: index } : known;
    open.set(key, group);
    group.cuts.push(file.span);
    shared.set(member, group.cuts);
  }
  return shared;
}
