import {
  type Dataset,
  Failure,
  groupOfLine,
  keyOfMember,
  type LedgerLine,
  type Manifest,
  memberGroup,
} from "@shardmill/core";
import { framesOf, type OpenShard, openShard, readSampleJson } from "@shardmill/shards";
import { openRecords, type Records } from "@shardmill/store";
import { pictureGroup } from "./picture-group.ts";

/** A packed member and its group. */
interface GroupedLine {
  /** Its key is the first of its member's. */
  readonly line: LedgerLine & { readonly key: string };
  readonly group: string;
}

/** Whose rules speak for an output's names: the catalogue's entry as it is now, or as build.json has it. */
export type GroupedBy = Pick<Dataset, "group" | "media">;

/** A shard and what its part is of. */
type GroupedShard = Pick<Manifest, "shard" | "subset" | "origin">;

/**
 * The packed members of a shard with their groups, in the ledger's order: one line at a time. What a ledger of earlier does not tell is
 * asked of the origin, of an output made of another, and of the sample's picture in the tar; a sample that the tar has not is
 * `shard_invalid`.
 */
export async function* readGroups(
  records: Records,
  dataset: GroupedBy,
  shard: GroupedShard,
  signal: AbortSignal,
): AsyncGenerator<GroupedLine> {
  await using groups = new GroupsOfShard(records, dataset, shard, signal);
  for await (const line of records.readLedger(shard.shard, signal))
    if (isPacked(line)) yield { line, group: await groups.of(line) };
}

/** The group of one sample, first or not of its member; null where the shard's ledger does not name it. */
export async function groupOfSample(
  records: Records,
  dataset: GroupedBy,
  { key, ...shard }: GroupedShard & { readonly key: string },
  signal: AbortSignal,
): Promise<string | null> {
  await using groups = new GroupsOfShard(records, dataset, shard, signal);
  const form = keyOfMember(key);
  for await (const line of records.readLedger(shard.shard, signal))
    if (isPacked(line) && keyOfMember(line.key) === form) return groups.of(line);
  return null;
}

function isPacked(line: LedgerLine): line is GroupedLine["line"] {
  return line.outcome === "packed" && line.key !== null;
}

/** What tells the groups of a shard's members; nothing is read before somebody asks. */
class GroupsOfShard implements AsyncDisposable {
  readonly #ask: {
    readonly records: Records;
    readonly dataset: GroupedBy;
    readonly shard: GroupedShard;
    readonly signal: AbortSignal;
  };
  readonly #pictures: PicturesOfShard;
  #origin: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(records: Records, dataset: GroupedBy, shard: GroupedShard, signal: AbortSignal) {
    this.#ask = { records, dataset, shard, signal };
    this.#pictures = new PicturesOfShard(records, shard.shard, signal);
  }

  async of(line: GroupedLine["line"]): Promise<string> {
    const group = line.group ?? (await this.#ofOrigin(line.key));
    const { dataset, shard } = this.#ask;
    const told = groupOfLine(dataset, shard.subset, { ...line, group });
    return told ?? (await this.#pictures.groupOf(line.key)) ?? memberGroup(line);
  }

  async #ofOrigin(key: string): Promise<string | undefined> {
    const { records, dataset, shard, signal } = this.#ask;
    if (shard.origin === undefined) return undefined;
    this.#origin ??= groupsByKey(records, dataset, shard, signal);
    return (await this.#origin).get(keyOfMember(key));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pictures[Symbol.asyncDispose]();
  }
}

/** The groups of the shard that a shard's samples were taken from, by what the keys of a member have in common; none where it is gone. */
async function groupsByKey(
  { store }: Records,
  dataset: GroupedBy,
  { subset, origin }: Pick<Manifest, "subset" | "origin">,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  return origin === undefined
    ? new Map()
    : originGroups(openRecords(store, origin.dataset), dataset, { shard: origin.shard, subset }, signal);
}

/** Of a shard of an output that others are made of: the groups of its members, by what the keys of a member have in common. */
export async function originGroups(
  records: Records,
  dataset: GroupedBy,
  { shard, subset }: Pick<Manifest, "shard" | "subset">,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const found = await records.readManifest(shard);
  const manifest = found.kind === "ok" ? found.value : { shard, subset };
  const groups = new Map<string, string>();
  for await (const { line, group } of readGroups(records, dataset, manifest, signal))
    groups.set(keyOfMember(line.key), group);
  return groups;
}

/** A tar that is opened when somebody asks for a picture in it. */
class PicturesOfShard implements AsyncDisposable {
  readonly #records: Records;
  readonly #shard: string;
  readonly #signal: AbortSignal;
  #tar: OpenShard | undefined;

  constructor(records: Records, shard: string, signal: AbortSignal) {
    this.#records = records;
    this.#shard = shard;
    this.#signal = signal;
  }

  async groupOf(key: string): Promise<string | null> {
    const { store, paths } = this.#records;
    this.#tar ??= await openShard({ store, path: paths.tar(this.#shard) });
    const tar = this.#tar;
    const sample = await tar.find(key, this.#signal);
    if (sample === null)
      throw new Failure("shard_invalid", `${this.#shard} has no sample ${key}, which its ledger names`, {
        where: { shard: this.#shard },
      });
    const members: { suffix: string; bytes: Uint8Array }[] = [];
    for (const member of sample.members)
      members.push({ suffix: member.suffix, bytes: await tar.read(member) });
    const frames = framesOf({ members }, await readSampleJson(tar, sample, this.#shard));
    return pictureGroup(frames.map(({ jpeg }) => jpeg));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tar?.close();
  }
}
