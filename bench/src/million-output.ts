import {
  type BuildRecord,
  type Dataset,
  defaultRecipe,
  hashOf,
  type LedgerLine,
  type Manifest,
  noCounts,
  type PartPlan,
  type PlannedMember,
  recipeHash,
  recordVersion,
  shardName,
  writtenCatalogueFields,
} from "@shardmill/core";
import { openShardWriter } from "@shardmill/shards";
import { localFileSystem, openRecords, openStore, type Records } from "@shardmill/store";

export interface OutputSize {
  readonly parts: number;
  readonly shards: number;
  /** Of a shard. */
  readonly members: number;
}

type Range = PartPlan["ranges"][number];

/** One shard in so many has a member that failed. */
const oneInFails = 5;
const jpeg = Buffer.from("ffd8ffe000104a46494600010100000100010000ffd9", "hex");
const toolchain = { shardmill: "bench", decoder: "bench", sharp: "bench", libvips: "bench" };
const endedAt = new Date(0).toISOString();
const never = new AbortController().signal;

/** Nothing waits for the disk: what is written here is read at once and thrown away. */
const unsynced: typeof localFileSystem = {
  ...localFileSystem,
  syncFolder: async () => undefined,
  async open(...args) {
    return { ...(await localFileSystem.open(...args)), sync: async () => undefined };
  },
};

/** An output as a build of a dataset leaves it, by the functions that write it in a build; of each sample a tiny picture. */
export class MillionOutput {
  readonly records: Records;
  readonly #dataset: Dataset;
  readonly #size: OutputSize;
  readonly #recipeHash: string;

  private constructor(records: Records, dataset: Dataset, size: OutputSize) {
    this.records = records;
    this.#dataset = dataset;
    this.#size = size;
    this.#recipeHash = recipeHash(defaultRecipe, writtenCatalogueFields(dataset));
  }

  /** All parts, done. */
  static async write(root: string, dataset: Dataset, size: OutputSize): Promise<MillionOutput> {
    const store = await openStore(root, { fs: unsynced });
    const output = new MillionOutput(openRecords(store, dataset.name), dataset, size);
    await output.records.writeBuild(output.#build());
    for (let part = 0; part < size.parts; part += 1) {
      const plan = output.#plan(part);
      await output.records.writePlan(
        plan,
        plan.ranges.map((range) => positionsOf(range).map((position) => plannedMember(part, position))),
      );
      await output.records.writePlanLedger(plan, []);
      for (const range of plan.ranges) await output.#commit(part, range);
      await output.records.writePartEnd({
        version: recordVersion,
        subset: null,
        part,
        state: "done",
        code: null,
        detail: null,
        endedAt,
        build: "bench",
      });
    }
    return output;
  }

  async removeLast(part: number): Promise<void> {
    for (const { shard } of this.#plan(part).ranges.slice(-1)) await this.records.removeShard(shard);
  }

  async commitLast(part: number): Promise<void> {
    for (const range of this.#plan(part).ranges.slice(-1)) await this.#commit(part, range);
  }

  #plan(part: number): PartPlan {
    const { parts, shards, members } = this.#size;
    const count = Math.floor(((part + 1) * shards) / parts) - Math.floor((part * shards) / parts);
    const id = { subset: null, part };
    const ranges = Array.from({ length: count }, (_, range) => ({
      range,
      shard: shardName(this.#dataset.name, id, range),
      first: range * members,
      last: (range + 1) * members - 1,
      members,
      startByte: 0,
      endByte: 1,
      digest: null,
    }));
    return {
      version: recordVersion,
      dataset: this.#dataset.name,
      ...id,
      archive: "zip",
      pieces: [],
      ...this.#identity(part),
      open: false,
      members: count * members,
      leftOut: noCounts,
      annotationsUsed: count * members,
      ranges,
      remarks: [],
      revision: null,
      annotationFiles: null,
    };
  }

  /** Makes one shard, as a worker would. */
  async #commit(part: number, { range, shard, first, last, members }: Range): Promise<void> {
    const { name, keyPrefix } = this.#dataset;
    const writer = await openShardWriter(this.records.store, name, shard, { records: this.records });
    const failed = range % oneInFails === 0 ? 1 : 0;
    const lines: LedgerLine[] = [];
    for (const position of positionsOf({ first, last })) {
      const isFailed = position - first < failed;
      const key = isFailed
        ? null
        : `${keyPrefix}-p${String(part).padStart(4, "0")}-${String(position).padStart(7, "0")}`;
      lines.push({
        position,
        member: plannedMember(part, position).name,
        outcome: isFailed ? "failed" : "packed",
        key,
        code: isFailed ? "decode_error" : null,
        detail: isFailed ? "the decoder refused packet 112 of 431" : null,
        attempt: 1,
        frames: isFailed ? null : 1,
      });
      const json = Buffer.from(
        JSON.stringify({ caption: `clip ${position} of part ${part}`, frame_count: 1 }),
      );
      if (key !== null)
        await writer.add({
          key,
          members: [
            { suffix: "000.jpg", bytes: jpeg },
            { suffix: "json", bytes: json },
          ],
        });
    }
    const made = await writer.finish(never);
    const manifest = this.#manifest(part, { ...made, shard, range, first, last });
    const packed = members - failed;
    const byCode = failed === 0 ? {} : { decode_error: failed };
    const counts = { members, packed, failed, skipped: 0, byCode };
    await writer.publish({ ...manifest, samples: packed, annotationsUsed: members, counts }, lines, never);
  }

  #manifest(
    part: number,
    {
      shard,
      range,
      first,
      last,
      ...made
    }: Pick<Manifest, "shard" | "range" | "first" | "last" | "tar" | "frames" | "firstKey" | "lastKey">,
  ): Manifest {
    return {
      version: recordVersion,
      dataset: this.#dataset.name,
      subset: null,
      part,
      ...{ shard, range, first, last, supplement: null, supersedes: null, rangeDigest: null },
      ...this.#identity(part),
      ...{ tar: made.tar, frames: made.frames, firstKey: made.firstKey, lastKey: made.lastKey },
      ...{ samples: 0, counts: noCounts, annotationsUsed: 0, remarks: [], toolchain },
      made: {
        source: "bench",
        revision: null,
        worker: "bench/mill",
        committedAt: endedAt,
        seconds: 1,
        bytesRead: 1,
        retriedClips: 0,
      },
    };
  }

  #identity(part: number): Pick<PartPlan, "contentId" | "annotationsId" | "recipeHash"> {
    return {
      contentId: hashOf(["content", part]),
      annotationsId: hashOf("annotations"),
      recipeHash: this.#recipeHash,
    };
  }

  #build(): BuildRecord {
    const parts = Array.from({ length: this.#size.parts }, (_, part) => ({
      ...{ subset: null, part, archive: "zip" as const, pieces: [], absent: null, revision: null, now: null },
    }));
    return {
      version: recordVersion,
      build: `${this.#dataset.name}-bench`,
      dataset: this.#dataset,
      entry: null,
      source: { kind: "folder", name: "folder:bench", revision: null, location: "/bench" },
      recipe: defaultRecipe,
      recipeName: null,
      recipeHash: this.#recipeHash,
      tokenizer: null,
      annotationFiles: [],
      toolchain,
      createdAt: endedAt,
      parts,
      selected: parts.map(({ part }) => ({ subset: null, part })),
      asked: { everything: true, parts: [] },
      remarks: [],
    };
  }
}

function positionsOf({ first, last }: Pick<Range, "first" | "last">): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function plannedMember(part: number, position: number): PlannedMember {
  const name = `celebv_${position}_${part}.mp4`;
  return { position, name, at: { offset: position }, records: [] };
}
