import { Failure, hashOf } from "@shardmill/core";
import {
  type Draft,
  type Drafts,
  draftFiles,
  type FileStat,
  type MadeDraft,
  type Records,
} from "@shardmill/store";
import type { CommitAnswer, CommitStep, DraftSeen } from "./draft-protocol.ts";

type Result = "done" | "exists" | "gone";
type Change = Exclude<
  CommitStep,
  { readonly do: `look-${string}` | `list-${string}` | `${string}-again` | "end" }
>;

/** Where a shard lies in a store: takes the steps of the draft protocol there. */
export class ShardPlace {
  readonly #records: Records;
  readonly #drafts: Drafts;
  readonly #shard: string;
  readonly #work: string;
  readonly #known = new Map<string, DraftSeen>();

  constructor(records: Records, made: Draft) {
    this.#records = records;
    this.#drafts = draftsOf(records);
    this.#shard = made.manifest.shard;
    this.#work = workOf(made);
  }

  /** A name may stand for another file later, and a file's number for another file. */
  static async manifestOf(records: Records, shard: string): Promise<string | null> {
    return stampOf(records, records.paths.manifest(shard));
  }

  async take(step: CommitStep): Promise<CommitAnswer> {
    switch (step.do) {
      case "look-tar":
      case "tar-again":
        return { tar: await this.#tar(this.#records.paths.tar(this.#shard)) };
      case "look-drafts":
      case "list-others":
        return { drafts: await this.#seen() };
      case "look-manifest":
      case "manifest-again":
        return { manifest: await ShardPlace.manifestOf(this.#records, this.#shard) };
      case "look-fit":
        return { fits: await this.#fits() };
      case "end":
        throw new Error("the end of a commit is no step");
      default:
        return { result: await this.#change(step) };
    }
  }

  /** By the size of the tar: what is in it is for verify. */
  async #fits(): Promise<boolean> {
    const { store, paths } = this.#records;
    const read = await this.#records.readManifest(this.#shard);
    if (read.kind !== "ok") return false;
    const tar = await store.stat(paths.tar(this.#shard));
    return (read.value.tar?.bytes ?? null) === (tar?.sizeBytes ?? null);
  }

  async #change(step: Change): Promise<Result> {
    const { paths } = this.#records;
    const drafts = this.#drafts;
    switch (step.do) {
      case "make-taker":
        await drafts.make(step.draft, {}, {});
        return "done";
      case "remove-draft":
        await drafts.remove(step.draft);
        return "done";
      case "place-tar":
        return doneOr(await drafts.publish(step.draft, draftFiles.tar, paths.tar(this.#shard)));
      case "clear-tar":
        return this.#clear(step.draft, paths.tar(this.#shard));
      case "clear-manifest":
        return this.#clear(step.draft, paths.manifest(this.#shard));
      case "place-sides":
        return this.#placeSides(step);
      default:
        return doneOr(await drafts.publish(step.draft, draftFiles.manifest, paths.manifest(this.#shard)));
    }
  }

  /** What was made of it goes first: its prints, and the index where 0.1 had one. */
  async #clear(taker: string, final: string): Promise<Result> {
    const { prints, daliIndexBefore } = this.#records.paths;
    for (const path of [prints(this.#shard), daliIndexBefore(this.#shard)])
      if ((await this.#drafts.clear(taker, path)) === "gone") return "gone";
    return doneOr(await this.#drafts.clear(taker, final));
  }

  /** Ledger and the two indexes, which a shard without samples has not. */
  async #placeSides({ draft, isEmpty }: Extract<Change, { readonly do: "place-sides" }>): Promise<Result> {
    const { paths } = this.#records;
    const { ledger, energonIndex, daliIndex } = draftFiles;
    return doneOr(
      await this.#drafts.settle(draft, [
        { file: ledger, final: paths.ledger(this.#shard) },
        { file: isEmpty ? null : energonIndex, final: paths.energonIndex(this.#shard) },
        { file: isEmpty ? null : daliIndex, final: paths.daliIndex(this.#shard) },
      ]),
    );
  }

  /** What is in a draft stays as it is, so that each is looked at once. */
  async #seen(): Promise<DraftSeen[]> {
    const seen: DraftSeen[] = [];
    for (const draft of await this.#records.listDrafts(this.#shard)) {
      const found = this.#known.get(draft) ?? (await this.#look(draft));
      if (found !== null) seen.push(found);
    }
    return seen;
  }

  /** One that was made here is known to be whole. */
  know(draft: string, files: MadeDraft): void {
    const [tar, manifest] = [files.get(draftFiles.tar), files.get(draftFiles.manifest)];
    if (manifest === undefined) throw new Error(`${draft} was made without a manifest`);
    const tarId = tar?.identity ?? null;
    this.#known.set(draft, { draft, tar: tarId, manifest: stamp(manifest), isSameWork: true });
  }

  /** Whether the manifest that lies there came out of a draft, whoever published it. */
  async isCommitted(draft: string): Promise<boolean> {
    const manifest = await ShardPlace.manifestOf(this.#records, this.#shard);
    return manifest !== null && this.#known.get(draft)?.manifest === manifest;
  }

  async #look(draft: string): Promise<DraftSeen | null> {
    const manifest = await stampOf(this.#records, `${draft}/${draftFiles.manifest}`);
    // Of one that is being removed there may be some of its files.
    if (manifest === null && !draft.endsWith(takerEnd)) return null;
    const tar = await this.#tar(`${draft}/${draftFiles.tar}`);
    const made = manifest === null ? null : await this.#records.readDraft(draft);
    const found = { draft, tar, manifest, isSameWork: made !== null && workOf(made) === this.#work };
    this.#known.set(draft, found);
    return found;
  }

  async #tar(path: string): Promise<string | null> {
    return (await this.#records.store.stat(path))?.identity ?? null;
  }
}

export function draftsOf({ store: { drafts, root } }: Records): Drafts {
  if (drafts !== null) return drafts;
  throw new Failure(
    "output_unwritable",
    `shards are committed in folders and buckets, and ${root} is neither`,
  );
}

const takerEnd = ".taker";

async function stampOf({ store }: Records, path: string): Promise<string | null> {
  const stat = await store.stat(path);
  return stat === null ? null : stamp(stat);
}

function stamp({
  identity,
  sizeBytes,
  modifiedMs,
}: Pick<FileStat, "identity" | "sizeBytes" | "modifiedMs">): string {
  return `${identity} ${sizeBytes} ${modifiedMs}`;
}

/** Two shards of the same work may differ in bytes where a member failed in one of them only. */
export function workOf({ manifest, withdrawn }: Draft): string {
  const { shard, range, supplement, supersedes } = manifest;
  const { contentId, annotationsId, recipeHash, rangeDigest } = manifest;
  return hashOf({
    ...{ shard, range, supplement, supersedes, withdrawn },
    ...{ contentId, annotationsId, recipeHash, rangeDigest },
  });
}

function doneOr(result: "published" | "settled" | "cleared" | "exists" | "gone"): Result {
  return result === "exists" || result === "gone" ? result : "done";
}
