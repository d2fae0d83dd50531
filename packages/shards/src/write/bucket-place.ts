import { createHash } from "node:crypto";
import {
  type Conditional,
  type ObjectDraft,
  type Placed,
  type Records,
  readObjectDraft,
  recordText,
  type TempFile,
} from "@shardmill/store";
import type { BucketAnswer, BucketStep, ManifestSeen, TarSeen } from "./bucket-protocol.ts";
import { workOf } from "./shard-place.ts";

export interface BucketCommit {
  readonly draft: string;
  readonly made: ObjectDraft;
  /** Holds the tar's bytes, synced; null of a draft that was found, whose tar lies there. */
  readonly temp: TempFile | null;
  /** Whether what is made is still what is to be made. */
  isOfNow(): Promise<boolean>;
}

/** Where a shard lies in a bucket: takes the steps of bucket-protocol.ts there, most of which are one request. */
export class BucketPlace {
  readonly #records: Records;
  readonly #objects: Conditional;
  readonly #shard: string;
  readonly #commit: BucketCommit;
  /** Who has seen a draft has read it, and keeps it when it is removed. */
  readonly #drafts = new Map<string, ObjectDraft>();
  /** By what the protocol tells one from another. */
  readonly #tags = new Map<string, string>();

  constructor(records: Records, objects: Conditional, commit: BucketCommit) {
    this.#records = records;
    this.#objects = objects;
    this.#commit = commit;
    this.#shard = commit.made.manifest.shard;
    this.#drafts.set(commit.draft, commit.made);
  }

  async makeDraft(): Promise<void> {
    const { draft, made } = this.#commit;
    await this.#objects.place(draft, JSON.stringify(made), { owner: draft, over: null });
  }

  async take(step: BucketStep): Promise<BucketAnswer> {
    const { paths } = this.#records;
    switch (step.do) {
      case "look-tar":
      case "look-fit":
      case "tar-again":
        return { tar: await this.#tar() };
      case "look-drafts":
        return { drafts: await this.#seen() };
      case "look-manifest":
      case "manifest-again":
        return { manifest: await this.#manifest() };
      case "look-plan":
      case "look-wanted":
        return { isOfNow: await this.#commit.isOfNow() };
      case "look-side":
        return { side: await this.#side(step) };
      case "remove-draft":
        await this.#objects.takeAway(step.draft);
        return { result: "done" };
      case "place-tar": {
        const over = step.over === null ? null : this.#tagOf("tar", step.over.draft, step.over.sha);
        return {
          result: await this.#place(paths.tar(this.#shard), this.#tarOf(step.draft), step.draft, over),
        };
      }
      case "place-side":
        return { result: await this.#placeSide(step, null) };
      case "replace-side":
        return { result: await this.#placeSide(step, step.tag) };
      case "commit": {
        const over = step.over === null ? null : this.#tagOf("manifest", step.over);
        const text = recordText(this.#madeOf(step.draft).manifest);
        return { result: await this.#place(paths.manifest(this.#shard), text, step.draft, over) };
      }
      case "retire": {
        const text = recordText({ retiredFor: step.draft });
        const over = this.#tagOf("manifest", step.over);
        return {
          result: await this.#place(paths.manifest(this.#shard), text, `${step.draft}, retired`, over),
        };
      }
      default:
        throw new Error("the end of a commit is no step");
    }
  }

  async #tar(): Promise<TarSeen | null> {
    const found = await this.#objects.look(this.#records.paths.tar(this.#shard));
    if (found === null) return null;
    const seen = { draft: found.owner ?? "", sha: found.sha256 ?? found.tag };
    this.#tags.set(keyOf("tar", seen.draft, seen.sha), found.tag);
    return seen;
  }

  /** One that cannot be read counts for nothing: it names a tar that nobody has. */
  async #manifest(): Promise<ManifestSeen | null> {
    const path = this.#records.paths.manifest(this.#shard);
    for (let found = await this.#objects.look(path); found !== null; ) {
      const read = await this.#records.readManifest(this.#shard);
      const after = await this.#objects.look(path);
      // What was read is of the one that was looked at, or another came between.
      if (after?.tag === found.tag && after.owner === found.owner && read.kind !== "absent") {
        const draft = ownerOf(found);
        this.#tags.set(keyOf("manifest", draft), found.tag);
        return { draft, tar: read.kind === "ok" ? (read.value.tar?.sha256 ?? null) : "of nobody" };
      }
      found = after;
    }
    return null;
  }

  async #seen() {
    const { draft: mine, made } = this.#commit;
    const start = this.#records.paths.draft(this.#shard, "");
    const seen = [];
    for (const { path: draft } of await this.#objects.beginning(start)) {
      const found = this.#drafts.get(draft) ?? (await readObjectDraft(this.#records.store, draft));
      if (found === null) continue;
      this.#drafts.set(draft, found);
      const isSameWork = draft === mine || workOf(found) === workOf(made);
      seen.push({ draft, tar: found.manifest.tar?.sha256 ?? null, isSameWork });
    }
    return seen;
  }

  async #side({ draft, side }: { readonly draft: string; readonly side: number }) {
    const found: Placed | null = await this.#objects.look(this.#sidePath(side));
    const bytes = this.#sideOf(draft, side);
    const isOwn = bytes === null ? found === null : found?.sha256 === sha256Of(bytes);
    return { tag: found?.tag ?? null, isOwn };
  }

  #placeSide(
    { draft, side }: { readonly draft: string; readonly side: number },
    over: string | null,
  ): Promise<"done" | "refused"> {
    const bytes = this.#sideOf(draft, side);
    if (bytes === null) throw new Error(`${draft} has no side ${side}`);
    return this.#place(this.#sidePath(side), bytes, draft, over);
  }

  #place(
    path: string,
    data: string | Uint8Array | { readonly path: string },
    owner: string,
    over: string | null,
  ): Promise<"done" | "refused"> {
    return this.#objects.place(path, data, { owner, over });
  }

  #tarOf(draft: string): TempFile {
    const { temp } = this.#commit;
    if (temp === null) throw new Error(`the tar of ${draft} is not here`);
    return temp;
  }

  #sidePath(side: number): string {
    const { ledger, energonIndex, daliIndex } = this.#records.paths;
    return ([ledger, energonIndex, daliIndex][side] ?? ledger)(this.#shard);
  }

  #sideOf(draft: string, side: number): Uint8Array | null {
    const { ledger, energonIndex, daliIndex } = this.#madeOf(draft);
    const texts = [Buffer.from(ledger), energonIndex && Buffer.from(energonIndex, "base64"), daliIndex];
    const found = texts[side] ?? null;
    return typeof found === "string" ? Buffer.from(found) : found;
  }

  #madeOf(draft: string): ObjectDraft {
    const made = this.#drafts.get(draft);
    if (made === undefined) throw new Error(`nobody has read ${draft}`);
    return made;
  }

  /** What the protocol replaces was looked at before. */
  #tagOf(...key: readonly string[]): string {
    const tag = this.#tags.get(keyOf(...key));
    if (tag === undefined) throw new Error(`nobody has looked at ${key.join(" ")}`);
    return tag;
  }
}

/** What a manifest is known by. */
export function ownerOf({ owner, tag }: Placed): string {
  return owner ?? tag;
}

function keyOf(...key: readonly string[]): string {
  return JSON.stringify(key);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
