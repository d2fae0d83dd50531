import { z } from "zod";
import type { Dataset } from "./dataset.ts";
import { groupOfLine } from "./group.ts";
import { memberIdentity } from "./member-identity.ts";
import { keyOfMember, type PartId } from "./names.ts";

/**
 * A line of withdrawn.jsonl: what must not be in an output again. With a `key` it is one sample, by its key and as the sample of its
 * member that it was; without one it is all samples of a member, or of a group.
 */
export const withdrawnLineSchema = z.object({
  key: z.string().nullable(),
  /** Its full name in the archive; in an output that is made from another one, the key there. */
  member: z.string().nullable(),
  /** Where the member's name means this member; null: in every part. Of names that are no part's own the part is null. */
  within: z.object({ subset: z.string().nullable(), part: z.int().nonnegative().nullable() }).nullable(),
  /** Of a line of its own: all samples that come of one original. */
  group: z.string().nullable(),
  reason: z.string().nullable(),
  by: z.string().nullable(),
  at: z.string(),
});
export type WithdrawnLine = z.output<typeof withdrawnLineSchema>;

/** A sample that is withdrawn and that its shard's tar holds still, with what it has of the tar's figures. */
export const withdrawnSampleSchema = z.object({
  key: z.string(),
  frames: z.int().nonnegative(),
  tokens: z.object({ all: z.int().nonnegative(), loss: z.int().nonnegative() }).nullable(),
  durationMs: z.int().nonnegative().nullable(),
});

/** A member, as it is met in an archive or in a ledger. */
export interface MetMember {
  readonly name: string;
  readonly part: PartId;
  /** Of its samples, where it has any yet. */
  readonly key?: string | null;
  /** As it was recorded, where it was. */
  readonly group?: string | undefined;
}

/** What has been withdrawn from an output, asked member by member and sample by sample. Takes as much memory as there are lines. */
export class Withdrawals {
  readonly #dataset: Dataset;
  readonly #keys = new Map<string, WithdrawnLine>();
  /** By name and where it means its member: rows of many files have the same names. */
  readonly #members = new Map<string, WithdrawnLine[]>();
  readonly #groups = new Map<string, WithdrawnLine>();
  /** Of the keys: what the keys of a member begin with. */
  readonly #begins = new Set<string>();

  constructor(dataset: Dataset, lines: Iterable<WithdrawnLine>) {
    this.#dataset = dataset;
    for (const line of lines) {
      if (line.key !== null) {
        this.#keys.set(line.key, line);
        this.#begins.add(keyOfMember(line.key));
      }
      if (line.group !== null) this.#groups.set(line.group, line);
      if (line.member === null) continue;
      const place = placeOf(memberIdentity(dataset, line.member), line.within);
      const same = this.#members.get(place);
      if (same === undefined) this.#members.set(place, [line]);
      else same.push(line);
    }
  }

  get isEmpty(): boolean {
    return this.#keys.size === 0 && this.#members.size === 0 && this.#groups.size === 0;
  }

  /** The line that takes a member whole; null where there is none, or only some of its samples are withdrawn. */
  whole(met: MetMember): WithdrawnLine | null {
    const byName = this.#ofMember(met).find(
      ({ key, member }) => key === null || suffixOf(key, member ?? "") === "",
    );
    // In an output that is made from another one, a member's name is the key that it has there.
    return byName ?? this.#byKey(met.name) ?? this.#byGroup(met);
  }

  /** The line that takes a sample of a member. A key that was withdrawn is never given to anything again. */
  sample(key: string, met: MetMember): WithdrawnLine | null {
    const suffix = suffixOf(key, met.name);
    const isIt = (line: WithdrawnLine): boolean =>
      line.key === null || suffixOf(line.key, line.member ?? "") === suffix;
    return this.#byKey(key) ?? this.whole(met) ?? this.#ofMember(met).find(isIt) ?? null;
  }

  hasKey(key: string): boolean {
    return this.#byKey(key) !== null;
  }

  /** Whether any sample of a member may be withdrawn, by its name and the first of its keys. */
  touches(met: MetMember, firstKey: string): boolean {
    return (
      this.#begins.has(keyOfMember(firstKey)) || this.whole(met) !== null || this.#ofMember(met).length > 0
    );
  }

  /** A picture that is not made yet, or whose group nobody wrote down, has none here. */
  #byGroup({ name, part, key = null, group }: MetMember): WithdrawnLine | null {
    if (this.#groups.size === 0) return null;
    const own = groupOfLine(this.#dataset, part.subset, { member: name, key, group });
    return own === null ? null : (this.#groups.get(own) ?? null);
  }

  #ofMember({ name, part: { subset, part } }: MetMember): readonly WithdrawnLine[] {
    if (this.#members.size === 0) return [];
    const identity = memberIdentity(this.#dataset, name);
    const places = [null, { subset, part: null }, { subset, part }];
    return places.flatMap((within) => this.#members.get(placeOf(identity, within)) ?? []);
  }

  /** Turns that were made apart later are of the sample that was withdrawn. */
  #byKey(key: string): WithdrawnLine | null {
    return this.#keys.get(key) ?? this.#keys.get(key.replace(/-t\d+$/, "")) ?? null;
  }
}

function placeOf(identity: string, within: WithdrawnLine["within"]): string {
  return `${JSON.stringify(within && [within.subset, within.part])} ${identity}`;
}

/** Where a member's name means that member. Records that name media mean the same in every part; other names are their part's own. */
export function withinOf({ annotations }: Dataset, part: PartId): WithdrawnLine["within"] {
  return { subset: part.subset, part: annotations.kind === "files" ? null : part.part };
}

/** Which of its member's samples a key is: `-0`, `-t1`, or nothing where it is the only one. */
function suffixOf(key: string, member: string): string {
  if (isNamedByKey(key, member)) return key.slice(member.length);
  return /-p\d{4,}-\d{6,}((?:-\d+)?(?:-t\d+)?)$/.exec(key)?.[1] ?? "";
}

/** Whether a key is of the member that another key is of. */
export function isSameMember(key: string, other: string, member: string): boolean {
  if (isNamedByKey(other, member)) return key === member || key.startsWith(`${member}-`);
  return keyOfMember(key) === keyOfMember(other);
}

/** In an output that is made from another one, a member is called by its key there. */
function isNamedByKey(key: string, member: string): boolean {
  return /-p\d{4,}-\d{6,}/.test(member) && key.startsWith(member);
}
