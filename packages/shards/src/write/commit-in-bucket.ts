import { randomUUID } from "node:crypto";
import { exactJsonText, Failure } from "@shardmill/core";
import { type Conditional, type ObjectDraft, type Records, readObjectDraft } from "@shardmill/store";
import { BucketPlace, ownerOf } from "./bucket-place.ts";
import {
  advanceInBucket,
  type BucketAnswer,
  type BucketEnd,
  type BucketState,
  type BucketStep,
  beginInBucket,
  nextInBucket,
  resumeInBucket,
} from "./bucket-protocol.ts";
import { indexOf } from "./finished-shard.ts";
import type { ShardToCommit } from "./shard-to-commit.ts";

/** Ledger and the two indexes. */
const sides = 3;
/** Each step answers something that others do: one that never ends would be taken for one that works. */
const mostSteps = 2_000;

/** Publishes a shard by bucket-protocol.ts: eight requests where nobody else is at it. */
export async function commitInBucket(
  records: Records,
  objects: Conditional,
  shard: ShardToCommit,
): Promise<"mine" | "others" | "lost"> {
  const { manifest, temp, isOfNow, replaces } = shard;
  const draft = `${records.paths.draft(manifest.shard, randomUUID().slice(0, 8))}.json`;
  const place = new BucketPlace(records, objects, { draft, made: draftOf(shard), temp, isOfNow });
  await place.makeDraft();
  const tar = manifest.tar?.sha256 ?? null;
  const end = await takeSteps(place, beginInBucket({ draft, tar, isSameWork: true }, null, sides), {
    replaces,
  });
  if (end.kind === "lost") return "lost";
  const isMine =
    (end.kind === "finished" && end.draft === draft) ||
    (await manifestInBucket(records, objects, manifest.shard)) === draft;
  return isMine ? "mine" : "others";
}

/** Finishes a draft that was found: where it has a tar, that must lie there, since it is nowhere else. */
export async function finishInBucket(
  records: Records,
  objects: Conditional,
  draft: string,
  isOfNow: () => Promise<boolean>,
): Promise<BucketEnd> {
  const made = await readObjectDraft(records.store, draft);
  if (made === null) return { kind: "lost" };
  const tar = made.manifest.tar?.sha256 ?? null;
  const place = new BucketPlace(records, objects, { draft, made, temp: null, isOfNow });
  const state = resumeInBucket({ draft, tar, isSameWork: true }, sides);
  const isBeyond = ({ do: what }: BucketStep): boolean => what === "place-tar" || what === "look-plan";
  return takeSteps(place, state, { isBeyond });
}

/** What a manifest that is to be replaced is known by; null where there is none. */
export async function manifestInBucket(
  { paths }: Records,
  objects: Conditional,
  shard: string,
): Promise<string | null> {
  const found = await objects.look(paths.manifest(shard));
  return found === null ? null : ownerOf(found);
}

interface TakenHow {
  /** What may give way: asked once, when there is something. */
  readonly replaces?: () => Promise<string | null>;
  /** A step that is not for this writer, which leaves all as it is. */
  readonly isBeyond?: (step: BucketStep) => boolean;
}

async function takeSteps(place: BucketPlace, begun: BucketState, how: TakenHow): Promise<BucketEnd> {
  let state = begun;
  let { replaces } = how;
  for (let taken = 0; taken < mostSteps; taken += 1) {
    const step = nextInBucket(state);
    if (step.do === "end") return step.end;
    if (how.isBeyond?.(step) === true) return { kind: "lost" };
    // All is settled, and a draft that cannot be removed now is swept by the next build.
    const isTidying = step.do === "remove-draft" && state.steps.at(-1)?.do === "end";
    const answer = isTidying ? await place.take(step).catch(tidied) : await place.take(step);
    if (replaces !== undefined && "manifest" in answer && answer.manifest !== null) {
      state = { ...state, replaces: await replaces() };
      replaces = undefined;
    }
    state = advanceInBucket(state, answer);
  }
  return { kind: "lost" };
}

function tidied(error: unknown): BucketAnswer {
  if (error instanceof Failure) return { result: "done" };
  throw error;
}

function draftOf({ manifest, ledger, withdrawn, finished }: ShardToCommit): ObjectDraft {
  const isEmpty = finished.tar === null;
  return {
    manifest,
    ledger: ledger.map((line) => `${exactJsonText(line)}\n`).join(""),
    energonIndex: isEmpty ? null : Buffer.from(indexOf(finished)).toString("base64"),
    daliIndex: isEmpty ? null : finished.daliIndex,
    withdrawn,
  };
}
