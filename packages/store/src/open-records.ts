import {
  type AnnotationsRecord,
  type BuildRecord,
  type LedgerLine,
  ledgerLineSchema,
  type Manifest,
  type PartEnd,
  type PartId,
  type PartPlan,
  type PlannedMember,
  plannedMemberSchema,
  readableAnnotations,
  readableBuild,
  readablePartEnd,
  readablePlan,
  type WithdrawnLine,
  withdrawnLineSchema,
} from "@shardmill/core";
import { addLines, changeLines } from "./change-records.ts";
import { filesBeginning } from "./files-beginning.ts";
import { ManifestShelf } from "./manifest-shelf.ts";
import { readObjectDraft } from "./object-draft.ts";
import { queueAddressSchema } from "./queue-address.ts";
import { readDraft } from "./read-draft.ts";
import {
  damaged,
  putLines,
  type RecordRead,
  readRecord,
  readRecordLines,
  readRecordLinesBut,
  recordText,
} from "./record-file.ts";
import { type RecordPaths, recordPaths } from "./record-paths.ts";
import { RecordShelf } from "./record-shelf.ts";
import type { Draft, Lines, QueueAddress, Records } from "./records.ts";
import type { Store } from "./store.ts";
import { takeAway } from "./take-away.ts";

export function openRecords(
  store: Store,
  dataset: string,
  { isLook = false }: { readonly isLook?: boolean | undefined } = {},
): Records {
  return new StoredRecords(store, dataset, isLook);
}

class StoredRecords implements Records {
  readonly store: Store;
  readonly dataset: string;
  readonly paths: RecordPaths;
  readonly isLook: boolean;
  readonly #manifests: ManifestShelf;
  readonly #plans: RecordShelf<PartPlan>;
  readonly #ends: RecordShelf<PartEnd>;
  #withdrawn: { readonly stamp: string; readonly lines: readonly WithdrawnLine[] } | null = null;

  constructor(store: Store, dataset: string, isLook: boolean) {
    this.store = store;
    this.isLook = isLook;
    this.dataset = dataset;
    this.paths = recordPaths(dataset);
    this.#manifests = new ManifestShelf(store, this.paths);
    this.#plans = new RecordShelf(store, readablePlan, this.paths.plans);
    this.#ends = new RecordShelf(store, readablePartEnd, this.paths.parts);
  }

  readBuild(): Promise<BuildRecord | null> {
    return readRecord(this.store, this.paths.build, readableBuild);
  }

  writeBuild(build: BuildRecord): Promise<void> {
    return this.store.put(this.paths.build, recordText(build));
  }

  async readPlan(part: PartId): Promise<PartPlan | null> {
    const path = this.paths.plan(part);
    return undamaged(path, await this.#plans.read(path));
  }

  knownPlan(part: PartId): PartPlan | null {
    const read = this.#plans.known(this.paths.plan(part));
    return read?.kind === "ok" ? read.value : null;
  }

  forgetPlan(part: PartId): void {
    this.#plans.forget(this.paths.plan(part));
  }

  async listPlans(): Promise<PartPlan[]> {
    return allOf(await this.#plans.list(this.paths.plans));
  }

  readPlans(): Promise<{ path: string; read: RecordRead<PartPlan> }[]> {
    return this.#plans.list(this.paths.plans);
  }

  async writePlan(plan: PartPlan, membersByRange: Lines<readonly PlannedMember[]>): Promise<void> {
    let range = 0;
    for await (const members of membersByRange) {
      await putLines(this.store, this.paths.plannedMembers(plan, range), members);
      range += 1;
    }
    await this.store.put(this.paths.plan(plan), recordText(plan));
  }

  async appendRange(plan: PartPlan, range: number, members: readonly PlannedMember[]): Promise<void> {
    await putLines(this.store, this.paths.plannedMembers(plan, range), members);
    await this.store.put(this.paths.plan(plan), recordText(plan));
  }

  readPlannedMembers(part: PartId, range: number, signal: AbortSignal): AsyncIterable<PlannedMember> {
    return readRecordLines(this.store, this.paths.plannedMembers(part, range), plannedMemberSchema, signal);
  }

  async removePlan(part: PartId): Promise<void> {
    const own = this.paths.plan(part);
    await takeAway(this.store, [own]);
    const start = `${own.slice(0, -".json".length)}-`;
    const files = await filesBeginning(this.store, start);
    const members = files.filter((path) => /^\d+\.jsonl$/.test(path.slice(start.length)));
    await takeAway(this.store, [...members, this.paths.ledger(this.paths.planLedgerName(part))]);
  }

  readManifest(shard: string): Promise<RecordRead<Manifest>> {
    return this.#manifests.read(shard);
  }

  async listManifests(part?: PartId): Promise<Manifest[]> {
    return whole(await this.#manifests.list(this.#prefix(part)));
  }

  async listSupplements(part: PartId): Promise<Manifest[]> {
    const named = whole(await this.#manifests.list(this.paths.supplementPrefix(part)));
    return named.filter(({ supplement }) => supplement !== null);
  }

  async listKnownManifests(): Promise<Manifest[]> {
    return whole(await this.#manifests.listKnown());
  }

  async listDamagedManifests(part?: PartId): Promise<{ shard: string; detail: string }[]> {
    const all = await this.#manifests.list(this.#prefix(part));
    return all.flatMap(({ shard, read }) =>
      read.kind === "damaged" ? [{ shard, detail: read.detail }] : [],
    );
  }

  async writeManifest(manifest: Manifest): Promise<"committed" | "exists"> {
    return (await this.#manifests.write(manifest)) === "published" ? "committed" : "exists";
  }

  changeManifest(before: Manifest, after: Manifest): Promise<"changed" | "another"> {
    return this.#manifests.change(before, after);
  }

  /** Every shard that is made asks for it: what was read stays in memory. */
  async readWithdrawn(): Promise<readonly WithdrawnLine[]> {
    const stamp = await this.withdrawnStamp();
    if (stamp === null) return [];
    if (this.#withdrawn?.stamp === stamp) return this.#withdrawn.lines;
    const lines: WithdrawnLine[] = [];
    const never = new AbortController().signal;
    const read = readRecordLines(this.store, this.paths.withdrawn, withdrawnLineSchema, never);
    for await (const line of read) lines.push(line);
    this.#withdrawn = { stamp, lines };
    return lines;
  }

  addWithdrawn(lines: readonly WithdrawnLine[]): Promise<void> {
    return addLines({ store: this.store, path: this.paths.withdrawn }, lines);
  }

  async withdrawnStamp(): Promise<string | null> {
    const stat = await this.store.stat(this.paths.withdrawn);
    return stat === null ? null : `${stat.identity} ${stat.sizeBytes} ${stat.modifiedMs}`;
  }

  readLedger(shard: string, signal: AbortSignal): AsyncIterable<LedgerLine> {
    return readRecordLines(this.store, this.paths.ledger(shard), ledgerLineSchema, signal);
  }

  readLeftOut(shard: string): Promise<LedgerLine[]> {
    return readRecordLinesBut(this.store, this.paths.ledger(shard), ledgerLineSchema, packedField);
  }

  changeLedger(shard: string, change: (line: LedgerLine) => LedgerLine): Promise<void> {
    const { store, paths } = this;
    return changeLines({ store, path: paths.ledger(shard), schema: ledgerLineSchema }, change);
  }

  writeLedger(shard: string, lines: Lines<LedgerLine>): Promise<void> {
    return putLines(this.store, this.paths.ledger(shard), lines);
  }

  readPlanLedger(part: PartId, signal: AbortSignal): AsyncIterable<LedgerLine> {
    return this.readLedger(this.paths.planLedgerName(part), signal);
  }

  writePlanLedger(part: PartId, lines: Lines<LedgerLine>): Promise<void> {
    return this.writeLedger(this.paths.planLedgerName(part), lines);
  }

  async readPartEnd(part: PartId): Promise<PartEnd | null> {
    const path = this.paths.partEnd(part);
    return undamaged(path, await this.#ends.read(path));
  }

  writePartEnd(end: PartEnd): Promise<void> {
    return this.store.put(this.paths.partEnd(end), recordText(end));
  }

  async listPartEnds(): Promise<PartEnd[]> {
    return allOf(await this.#ends.list(this.paths.parts));
  }

  async removePartEnd(part: PartId): Promise<void> {
    await takeAway(this.store, [this.paths.partEnd(part)]);
  }

  listDrafts(shard: string): Promise<string[]> {
    return this.#draftsNamed(`${shard}~`);
  }

  listDraftsOf(part?: PartId): Promise<string[]> {
    return this.#draftsNamed(this.#prefix(part));
  }

  readDraft(draft: string): Promise<Draft | null> {
    const { store } = this;
    return store.conditional === null ? readDraft(store, draft) : readObjectDraft(store, draft);
  }

  async removeDraft(draft: string): Promise<void> {
    await this.store.drafts?.remove(draft);
    await this.store.conditional?.takeAway(draft);
  }

  async removeShard(shard: string): Promise<void> {
    for (const draft of await this.listDrafts(shard)) await this.removeDraft(draft);
    const { manifest, tar, energonIndex, daliIndex, daliIndexBefore, ledger, prints } = this.paths;
    const places = [manifest, tar, energonIndex, daliIndex, daliIndexBefore, ledger, prints];
    const files = places.map((path) => path(shard));
    await takeAway(this.store, files);
  }

  async listAnnotations(): Promise<AnnotationsRecord[]> {
    const { annotations } = this.paths;
    return allOf(await new RecordShelf(this.store, readableAnnotations, annotations).list(annotations));
  }

  writeAnnotations(record: AnnotationsRecord): Promise<void> {
    return this.store.put(this.paths.annotationsRecord(record.subset), recordText(record));
  }

  async readQueueAddress(): Promise<QueueAddress | null> {
    return readRecord(this.store.desk, this.paths.queue, queueAddressSchema);
  }

  /** Only the same user may read it: the address lets one into the queue. */
  writeQueueAddress(address: QueueAddress): Promise<void> {
    return this.store.desk.put(this.paths.queue, recordText(address), { mode: 0o600 });
  }

  async removeQueueAddress(): Promise<void> {
    await this.store.desk.remove(this.paths.queue);
  }

  async #draftsNamed(prefix: string): Promise<string[]> {
    const { conditional } = this.store;
    if (conditional !== null)
      return (await conditional.beginning(`${this.paths.drafts}/${prefix}`)).map(({ path }) => path);
    const folders = await this.store.listFolders(this.paths.drafts);
    return folders.filter((name) => name.startsWith(prefix)).map((name) => `${this.paths.drafts}/${name}`);
  }

  #prefix(part: PartId | undefined): string {
    return part === undefined ? "" : this.paths.shardPrefix(part);
  }
}

/** Quotes inside a JSON string are escaped, so that these bytes of a ledger's line can only be the field itself. */
const packedField = Buffer.from('"outcome":"packed"');

function whole(shelved: readonly { readonly read: RecordRead<Manifest> }[]): Manifest[] {
  return shelved.flatMap(({ read }) => (read.kind === "ok" ? [read.value] : []));
}

function undamaged<T>(path: string, read: RecordRead<T>): T | null {
  if (read.kind === "damaged") throw damaged(path, read.detail);
  return read.kind === "ok" ? read.value : null;
}

function allOf<T>(all: readonly { readonly path: string; readonly read: RecordRead<T> }[]): T[] {
  return all.flatMap(({ path, read }) => undamaged(path, read) ?? []);
}
