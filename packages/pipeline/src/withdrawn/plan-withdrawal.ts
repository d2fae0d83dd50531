import {
  type BuildRecord,
  groupOfLine,
  type LedgerLine,
  memberIdentity,
  type PartId,
  partLabel,
  Withdrawals,
  type WithdrawnLine,
  withinOf,
} from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { findWithdrawn, type ShardToMark } from "./find-withdrawn.ts";
import { withdrawalLines } from "./read-withdrawals.ts";

/** What is asked to be withdrawn; nothing at all means what the outputs that this one is made from have withdrawn. */
export interface AskedAway {
  readonly keys: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
}

/** Who asks, why and when: it stands on every line. */
export type AskedBy = Pick<WithdrawnLine, "reason" | "by" | "at">;

/** A shard that withdrawing concerns: samples that go, and members that had failed and are not tried again. */
interface ShardConcerned {
  readonly shard: string;
  readonly samples: readonly { readonly key: string; readonly member: string }[];
  readonly untried: readonly string[];
}

/** One of the names that are asked for. */
interface AskedName {
  readonly kind: "sample" | "member" | "group";
  readonly name: string;
}

export interface WithdrawalPlan {
  /** What nothing here is known by. */
  readonly unknown: readonly AskedName[];
  /** How many of those asked for have been withdrawn before. */
  readonly already: number;
  /** To be added to the list. */
  readonly lines: readonly WithdrawnLine[];
  readonly shards: readonly ShardConcerned[];
}

interface Output {
  readonly records: Records;
  readonly build: BuildRecord;
}

/** What withdrawing would do, from the ledgers alone, in one pass. Nothing is written. */
export async function planWithdrawal(
  { records, build }: Output,
  asked: AskedAway,
  by: AskedBy,
  signal: AbortSignal,
): Promise<WithdrawalPlan> {
  const { dataset } = build;
  const own = await records.readWithdrawn();
  const ownKeys = new Set(own.flatMap(({ key }) => key ?? []));
  const ownMembers = new Set(own.flatMap(({ key, member }) => (key === null ? (member ?? []) : [])));
  const before = await withdrawalLines({ records, build });
  const keysBefore = new Set(before.flatMap(({ key }) => key ?? []));
  const keys = [...asked.keys].filter((key) => !keysBefore.has(key));
  const members = [...asked.members].filter((member) => !ownMembers.has(member));
  const ownGroups = new Set(own.flatMap(({ group }) => group ?? []));
  const groups = [...asked.groups].filter((group) => !ownGroups.has(group));
  const candidates = candidatesOf({ keys, members, groups }, by);
  const already = asked.keys.size + asked.members.size + asked.groups.size - candidates.length;
  const known = new KnownNames(build, { keys, members, groups });
  const withdrawals = new Withdrawals(dataset, [...before, ...candidates]);
  // What was withdrawn before may have been broken off: then all is looked at again.
  const isOfParts = members.length + groups.length === 0 && already === 0 && keys.length > 0;
  const parts = isOfParts ? partsOf(keys, await records.listManifests(), dataset.keyPrefix) : null;
  const lines: WithdrawnLine[] = [];
  const shards: ShardConcerned[] = [];
  const met = { parts, onLine: known.meet };
  for await (const found of findWithdrawn(records, withdrawals, met, signal)) {
    shards.push(concerned(found));
    for (const { before, samples } of found.members)
      for (const { key, by: line } of samples) {
        known.keys.add(key);
        if (!ownKeys.has(key))
          lines.push({ ...line, key, ...placeOf(dataset, before.member, found.manifest) });
      }
  }
  shards.sort((a, b) => (a.shard < b.shard ? -1 : 1));
  const unknown = known.unknown();
  return { unknown, already, lines: [...wholeLines(candidates, unknown), ...lines], shards };
}

interface Wanted {
  readonly keys: readonly string[];
  readonly members: readonly string[];
  readonly groups: readonly string[];
}

function candidatesOf({ keys, members, groups }: Wanted, by: AskedBy): WithdrawnLine[] {
  const nothing = { key: null, member: null, group: null, within: null, ...by };
  return [
    ...keys.map((key) => ({ ...nothing, key })),
    ...members.map((member) => ({ ...nothing, member })),
    ...groups.map((group) => ({ ...nothing, group })),
  ];
}

/** Of members and groups that are there: a name that is only written wrongly stays in no list. */
function wholeLines(candidates: readonly WithdrawnLine[], unknown: readonly AskedName[]): WithdrawnLine[] {
  const of = (kind: AskedName["kind"]): Set<string> =>
    new Set(unknown.flatMap((one) => (one.kind === kind ? [one.name] : [])));
  const [members, groups] = [of("member"), of("group")];
  return candidates.filter(
    ({ key, member, group }) => key === null && !members.has(member ?? "") && !groups.has(group ?? ""),
  );
}

function placeOf(dataset: BuildRecord["dataset"], member: string, part: PartId) {
  return { member, group: null, within: withinOf(dataset, part) };
}

function concerned({ manifest, members }: ShardToMark): ShardConcerned {
  return {
    shard: manifest.shard,
    samples: members.flatMap(({ before, samples }) =>
      samples.map(({ key }) => ({ key, member: before.member })),
    ),
    untried: members.flatMap(({ before }) => (before.outcome === "failed" ? [before.member] : [])),
  };
}

/** The parts that keys can be of: `openvid-p0073-` begins those of one part. Null where one may be of any, as a split's are. */
function partsOf(
  keys: readonly string[],
  manifests: Awaited<ReturnType<Records["listManifests"]>>,
  keyPrefix: string,
): Set<string> | null {
  const labels = new Map(
    manifests.map((manifest) => [`${keyPrefix}-${partLabel(manifest)}-`, partLabel(manifest)]),
  );
  const found = keys.map((key) => labels.get(/^(.*-p\d{4,}-)\d{6,}/.exec(key)?.[1] ?? ""));
  const parts = found.filter((label) => label !== undefined);
  return parts.length < found.length ? null : new Set(parts);
}

function named(kind: AskedName["kind"], names: readonly string[]): AskedName[] {
  return names.map((name) => ({ kind, name }));
}

/** Which of what is asked for has been met in the ledgers. */
class KnownNames {
  readonly keys = new Set<string>();
  readonly #build: BuildRecord;
  readonly #wanted: Wanted;
  readonly #members: ReadonlySet<string>;
  readonly #met = new Set<string>();
  readonly #groups = new Set<string>();
  readonly #wantedGroups: ReadonlySet<string>;

  constructor(build: BuildRecord, wanted: Wanted) {
    this.#build = build;
    this.#wanted = wanted;
    this.#wantedGroups = new Set(wanted.groups);
    this.#members = new Set(wanted.members.map((member) => memberIdentity(build.dataset, member)));
  }

  readonly meet = (line: LedgerLine, { subset }: PartId): void => {
    const { dataset } = this.#build;
    if (this.#members.size > 0) {
      const identity = memberIdentity(dataset, line.member);
      if (this.#members.has(identity)) this.#met.add(identity);
    }
    if (this.#wantedGroups.size > 0) {
      const group = groupOfLine(dataset, subset, line);
      if (group !== null && this.#wantedGroups.has(group)) this.#groups.add(group);
    }
  };

  unknown(): AskedName[] {
    const { keys, members, groups } = this.#wanted;
    const isUnmet = (member: string): boolean => !this.#met.has(memberIdentity(this.#build.dataset, member));
    return [
      ...named(
        "sample",
        keys.filter((key) => !this.keys.has(key)),
      ),
      ...named("member", members.filter(isUnmet)),
      ...named(
        "group",
        groups.filter((group) => !this.#groups.has(group)),
      ),
    ];
  }
}
