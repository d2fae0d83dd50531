import {
  Failure,
  keyOfMember,
  type LedgerLine,
  type Manifest,
  partLabel,
  type Withdrawals,
  type WithdrawnLine,
} from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { inOrderOfMaking } from "../books/part-lines.ts";
import { KeysOfMembers } from "./keys-of-members.ts";
import { withdrawnLedgerLine } from "./withdrawn-ledger-line.ts";

/** A member of a shard that is withdrawn, and whose records do not say so yet. */
interface WithdrawnMember {
  /** As the ledger has it. */
  readonly before: LedgerLine;
  /** As it is to be: of a member that keeps some of its samples, packed as before. */
  readonly after: LedgerLine;
  /** The samples that go, each with the line that takes it. */
  readonly samples: readonly { readonly key: string; readonly by: WithdrawnLine }[];
  /** The line that takes the member whole; null where only some of its samples go. */
  readonly whole: WithdrawnLine | null;
}

/** A shard with members that are withdrawn, and what its ledger is to be. */
export interface ShardToMark {
  readonly manifest: Manifest;
  readonly members: readonly WithdrawnMember[];
  readonly lines: readonly LedgerLine[];
}

interface Looked {
  readonly records: Records;
  readonly withdrawals: Withdrawals;
  readonly manifest: Manifest;
  readonly signal: AbortSignal;
}

/** Which parts, by their labels, or which shards; all where it is null. */
export interface OnlyIn {
  readonly parts?: ReadonlySet<string> | null;
  readonly shards?: ReadonlySet<string> | null;
  /** Told of every line that is met. */
  readonly onLine?: (line: LedgerLine, of: Manifest) => void;
  /** Told of a shard that cannot be read, which is then passed over; without it that ends the look. */
  readonly onUnread?: (shard: string, failure: Failure) => void;
}

/**
 * The shards of an output whose records do not say yet that some of their samples are withdrawn: in one pass over the ledgers, with one
 * of them in memory. The latest record of a member counts: of one that a supplement tried again, the supplement's.
 */
export async function* findWithdrawn(
  records: Records,
  withdrawals: Withdrawals,
  only: OnlyIn,
  signal: AbortSignal,
): AsyncGenerator<ShardToMark> {
  if (withdrawals.isEmpty) return;
  for (const manifests of (await byPart(records, only)).values())
    yield* lookAtPart({ records, withdrawals, signal }, manifests, only);
}

async function byPart(records: Records, { parts }: OnlyIn): Promise<Map<string, Manifest[]>> {
  const found = new Map<string, Manifest[]>();
  for (const manifest of await records.listManifests()) {
    const label = partLabel(manifest);
    if (parts?.has(label) === false) continue;
    const own = found.get(label);
    if (own === undefined) found.set(label, [manifest]);
    else own.push(manifest);
  }
  return found;
}

async function* lookAtPart(
  looked: Omit<Looked, "manifest">,
  manifests: readonly Manifest[],
  only: OnlyIn,
): AsyncGenerator<ShardToMark> {
  const hasSupplements = manifests.some(({ supplement }) => supplement !== null);
  const later = new Set<number>();
  for (const manifest of inOrderOfMaking(manifests).toReversed()) {
    const isAsked = only.shards?.has(manifest.shard) !== false;
    if (!isAsked && !hasSupplements) continue;
    const found = await lookOrTell({ ...looked, manifest }, later, only);
    if (found === null) continue;
    if (isAsked && found.members.length > 0) yield found;
    if (manifest.supplement !== null) for (const { position } of found.lines) later.add(position);
  }
}

/** An output that is away says nothing about a shard of it. */
const isOfPlace: ReadonlySet<string> = new Set([
  "bucket_away",
  "bucket_refused",
  "output_away",
  "output_full",
]);

async function lookOrTell(
  looked: Looked,
  later: ReadonlySet<number>,
  { onLine, onUnread }: OnlyIn,
): Promise<ShardToMark | null> {
  try {
    return await lookAtShard(looked, later, onLine);
  } catch (error) {
    if (onUnread === undefined || !(error instanceof Failure) || isOfPlace.has(error.code)) throw error;
    onUnread(looked.manifest.shard, error);
    return null;
  }
}

async function lookAtShard(
  looked: Looked,
  later: ReadonlySet<number>,
  onLine: OnlyIn["onLine"],
): Promise<ShardToMark> {
  const { records, manifest, signal } = looked;
  const members: WithdrawnMember[] = [];
  const lines: LedgerLine[] = [];
  const gone = new Set(manifest.withdrawn?.map(({ key }) => key));
  await using keys = new KeysOfMembers(records, manifest.shard, signal);
  for await (const line of records.readLedger(manifest.shard, signal)) {
    onLine?.(line, manifest);
    const found = later.has(line.position) ? null : await lookAtMember({ ...looked, keys, gone }, line);
    if (found !== null) members.push(found);
    lines.push(found?.after ?? line);
  }
  return { manifest, members, lines };
}

interface LookedInto extends Looked {
  readonly keys: KeysOfMembers;
  /** What its manifest calls withdrawn already. */
  readonly gone: ReadonlySet<string>;
}

async function lookAtMember(
  { withdrawals, manifest, keys: inTar, gone }: LookedInto,
  line: LedgerLine,
): Promise<WithdrawnMember | null> {
  if (line.outcome === "skipped") return null;
  const met = { name: line.member, part: manifest, key: line.key, group: line.group };
  const whole = withdrawals.whole(met);
  if (line.outcome === "failed") {
    if (whole === null) return null;
    return { before: line, after: withdrawnLedgerLine(line, whole), samples: [], whole };
  }
  const first = line.key;
  if (first === null || !withdrawals.touches(met, first)) return null;
  const keys = isOnly(first, line.member) ? [first] : await inTar.of({ first, member: line.member });
  const taken = keys.flatMap((key) => {
    const by = withdrawals.sample(key, met);
    return by === null ? [] : [{ key, by }];
  });
  const left = keys.filter((key) => !gone.has(key) && !taken.some((one) => one.key === key));
  const samples = taken.filter(({ key }) => !gone.has(key));
  const [by] = taken;
  if (by === undefined) return null;
  const [next] = left;
  const after = next === undefined ? withdrawnLedgerLine(line, whole ?? by.by) : { ...line, key: next };
  return samples.length === 0 && after.key === line.key ? null : { before: line, after, samples, whole };
}

/** A member with one sample, whose key tells no more than its position; of another output's sample, the key that it has there. */
function isOnly(key: string, member: string): boolean {
  return key === keyOfMember(key) || key === member;
}
