import {
  type AnnotationsRecord,
  annotationsRecordSchema,
  type BuildRecord,
  buildRecordSchema,
  type LedgerLine,
  ledgerLineSchema,
  type Manifest,
  type PartEnd,
  type PartId,
  type PartPlan,
  type PlannedMember,
  partEndSchema,
  partPlanSchema,
  plannedMemberSchema,
} from "@shardmill/core";
import { ManifestShelf } from "./manifest-shelf.ts";
import {
  damaged,
  putLines,
  type RecordRead,
  type RecordSchema,
  readRecord,
  readRecordFile,
  readRecordLines,
  recordText,
} from "./record-file.ts";
import { type RecordPaths, recordPaths } from "./record-paths.ts";
import type { Lines, QueueAddress, Records } from "./records.ts";
import type { Store } from "./store.ts";

const readsAtOnce = 32;

export function openRecords(store: Store, dataset: string): Records {
  return new StoredRecords(store, dataset);
}

class StoredRecords implements Records {
  readonly store: Store;
  readonly dataset: string;
  readonly paths: RecordPaths;
  readonly #manifests: ManifestShelf;

  constructor(store: Store, dataset: string) {
    this.store = store;
    this.dataset = dataset;
    this.paths = recordPaths(dataset);
    this.#manifests = new ManifestShelf(store, this.paths);
  }

  readBuild(): Promise<BuildRecord | null> {
    return readRecord(this.store, this.paths.build, buildRecordSchema);
  }

  writeBuild(build: BuildRecord): Promise<void> {
    return this.store.put(this.paths.build, recordText(build));
  }

  readPlan(part: PartId): Promise<PartPlan | null> {
    return readRecord(this.store, this.paths.plan(part), partPlanSchema);
  }

  listPlans(): Promise<PartPlan[]> {
    return this.#listRecords(this.paths.plans, partPlanSchema);
  }

  readPlans(): Promise<{ path: string; read: RecordRead<PartPlan> }[]> {
    return this.#readAll(this.paths.plans, partPlanSchema);
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
    await this.store.remove(own);
    const members = `${own.slice(0, -".json".length)}-`;
    for (const path of await this.store.list(this.paths.plans)) {
      if (path.startsWith(members) && /^\d+\.jsonl$/.test(path.slice(members.length)))
        await this.store.remove(path);
    }
    await this.store.remove(this.paths.ledger(this.paths.planLedgerName(part)));
  }

  readManifest(shard: string): Promise<RecordRead<Manifest>> {
    return this.#manifests.read(shard);
  }

  async listManifests(part?: PartId): Promise<Manifest[]> {
    const all = await this.#manifests.list(this.#prefix(part));
    return all.flatMap(({ read }) => (read.kind === "ok" ? [read.value] : []));
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

  readLedger(shard: string, signal: AbortSignal): AsyncIterable<LedgerLine> {
    return readRecordLines(this.store, this.paths.ledger(shard), ledgerLineSchema, signal);
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

  readPartEnd(part: PartId): Promise<PartEnd | null> {
    return readRecord(this.store, this.paths.partEnd(part), partEndSchema);
  }

  writePartEnd(end: PartEnd): Promise<void> {
    return this.store.put(this.paths.partEnd(end), recordText(end));
  }

  listPartEnds(): Promise<PartEnd[]> {
    return this.#listRecords(this.paths.parts, partEndSchema);
  }

  async removePartEnd(part: PartId): Promise<void> {
    await this.store.remove(this.paths.partEnd(part));
  }

  async removeShard(shard: string): Promise<void> {
    const { manifest, tar, energonIndex, daliIndex, ledger } = this.paths;
    for (const path of [manifest, tar, energonIndex, daliIndex, ledger]) await this.store.remove(path(shard));
  }

  readAnnotations(subset: string | null): Promise<AnnotationsRecord | null> {
    return readRecord(this.store, this.paths.annotationsRecord(subset), annotationsRecordSchema);
  }

  listAnnotations(): Promise<AnnotationsRecord[]> {
    return this.#listRecords(this.paths.annotations, annotationsRecordSchema);
  }

  writeAnnotations(record: AnnotationsRecord): Promise<void> {
    return this.store.put(this.paths.annotationsRecord(record.subset), recordText(record));
  }

  async readQueueAddress(): Promise<QueueAddress | null> {
    return readRecord(this.store, this.paths.queue, queueAddressSchema);
  }

  /** Only its owner may read it: the address lets one into the queue. */
  writeQueueAddress(address: QueueAddress): Promise<void> {
    return this.store.put(this.paths.queue, recordText(address), { mode: 0o600 });
  }

  async removeQueueAddress(): Promise<void> {
    await this.store.remove(this.paths.queue);
  }

  async #listRecords<T>(folder: string, schema: RecordSchema<T>): Promise<T[]> {
    const all = await this.#readAll(folder, schema);
    return all.flatMap(({ path, read }) => {
      if (read.kind === "damaged") throw damaged(path, read.detail);
      return read.kind === "ok" ? [read.value] : [];
    });
  }

  async #readAll<T>(
    folder: string,
    schema: RecordSchema<T>,
  ): Promise<{ path: string; read: RecordRead<T> }[]> {
    const all: { path: string; read: RecordRead<T> }[] = [];
    const paths = (await this.store.list(folder)).filter((path) => path.endsWith(".json"));
    for (let at = 0; at < paths.length; at += readsAtOnce) {
      const some = paths.slice(at, at + readsAtOnce);
      const reads = some.map(async (path) => ({
        path,
        read: await readRecordFile(this.store, path, schema),
      }));
      all.push(...(await Promise.all(reads)));
    }
    return all;
  }

  #prefix(part: PartId | undefined): string {
    return part === undefined ? "" : this.paths.shardPrefix(part);
  }
}

const queueAddressSchema: RecordSchema<QueueAddress> = {
  safeParse(value) {
    if (typeof value === "object" && value !== null && "url" in value && "build" in value) {
      const { url, build } = value;
      if (typeof url === "string" && typeof build === "string")
        return { success: true, data: { url, build } };
    }
    return { success: false, error: { issues: [{ path: [], message: "expected url and build" }] } };
  },
};
