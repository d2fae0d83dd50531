import {
  advanceInBucket,
  type BucketAnswer,
  type BucketEnd,
  type BucketState,
  type BucketStep,
  beginInBucket,
  fits,
  type ManifestSeen,
  nextInBucket,
  type TarSeen,
} from "../src/write/bucket-protocol.ts";
import type { Writer } from "./interleavings.ts";

/** What lies in a bucket for one shard. What has the same bytes has the same tag, as in most stores. */
export interface BucketWorld {
  readonly tar: TarSeen | null;
  readonly manifest: ManifestSeen | null;
  /** The bytes of ledger and index. */
  readonly sides: readonly (string | null)[];
  readonly drafts: readonly string[];
  /** What was ever made: who has seen a draft has read it, and keeps it when it is removed. */
  readonly made: Readonly<Record<string, BucketMaking>>;
}

export interface BucketMaking {
  readonly tar: string | null;
  readonly sides: readonly (string | null)[];
  /** `until now`: of the plan of before, which gave way to another between the look at it and the commit. */
  readonly work: "now" | "before" | "until now";
}

export type BucketWriterState =
  | { readonly at: "unborn" }
  | { readonly at: "commit"; readonly state: BucketState };

/** Making the draft is its first step. `replaces`: the draft of the manifest that it was told to replace. */
export function bucketWriter(
  name: string,
  made: BucketMaking,
  replaces: string | null = null,
): Writer<BucketWriterState, BucketWorld> {
  const mine = { draft: name, tar: made.tar, isSameWork: true };
  return {
    name,
    start: { at: "unborn" },
    step(world, now) {
      if (now.at === "unborn") {
        const drafts = [...world.drafts, name].sort();
        const begun = { ...world, drafts, made: { ...world.made, [name]: made } };
        return [begun, { at: "commit", state: beginInBucket(mine, replaces, 2) }];
      }
      const [after, answer] = take(world, nextInBucket(now.state), made.work);
      return [after, { at: "commit", state: advanceInBucket(now.state, answer) }];
    },
    endOf(now): BucketEnd["kind"] | null {
      if (now.at === "unborn") return null;
      const step = nextInBucket(now.state);
      return step.do === "end" ? step.end.kind : null;
    },
  };
}

/** The world after a step, and what the step found. Each is one request. */
function take(world: BucketWorld, step: BucketStep, work: BucketMaking["work"]): [BucketWorld, BucketAnswer] {
  switch (step.do) {
    case "look-tar":
    case "look-fit":
    case "tar-again":
      return [world, { tar: world.tar }];
    case "look-drafts": {
      const seen = (draft: string) => {
        const { tar, work: its } = madeIn(world, draft);
        return { draft, tar, isSameWork: its === work };
      };
      return [world, { drafts: world.drafts.map(seen) }];
    }
    case "look-manifest":
    case "manifest-again":
      return [world, { manifest: world.manifest }];
    case "look-plan":
      return [world, { isOfNow: work === "now" }];
    case "look-wanted":
      return [world, { isOfNow: work !== "before" }];
    case "look-side": {
      const tag = world.sides[step.side] ?? null;
      return [world, { side: { tag, isOwn: tag === sideOf(world, step) } }];
    }
    case "end":
      throw new Error("the end is no step");
    default: {
      const after = changed(world, step);
      return after === null ? [world, { result: "refused" }] : [after, { result: "done" }];
    }
  }
}

type Change = Extract<
  BucketStep,
  { readonly do: "place-tar" | "place-side" | "replace-side" | "commit" | "retire" | "remove-draft" }
>;

/** Null where the condition does not hold. */
function changed(world: BucketWorld, step: Change): BucketWorld | null {
  const { draft } = step;
  switch (step.do) {
    case "place-tar":
      if ((world.tar?.sha ?? null) !== (step.over?.sha ?? null)) return null;
      return { ...world, tar: { draft, sha: madeIn(world, draft).tar ?? "" } };
    case "place-side":
      if (world.sides[step.side] !== null) return null;
      return { ...world, sides: world.sides.with(step.side, sideOf(world, step)) };
    case "replace-side":
      if (world.sides[step.side] !== step.tag) return null;
      return { ...world, sides: world.sides.with(step.side, sideOf(world, step)) };
    case "commit":
      if ((world.manifest?.draft ?? null) !== step.over) return null;
      return { ...world, manifest: { draft, tar: madeIn(world, draft).tar } };
    case "retire":
      if (world.manifest?.draft !== step.over) return null;
      return { ...world, manifest: { draft: `${draft}, retired`, tar: "of nobody" } };
    default:
      return { ...world, drafts: world.drafts.filter((one) => one !== draft) };
  }
}

function sideOf(
  world: BucketWorld,
  { draft, side }: { readonly draft: string; readonly side: number },
): string | null {
  return madeIn(world, draft).sides[side] ?? null;
}

function madeIn(world: BucketWorld, draft: string): BucketMaking {
  const made = world.made[draft];
  if (made === undefined) throw new Error(`nobody made ${draft}`);
  return made;
}

/**
 * What is wrong with a shard that counts as committed; null: nothing, or it does not count. One without samples has a
 * ledger alone, which goes behind its manifest: as long as its draft lies there, whoever comes next places it.
 */
export function lieInBucket(world: BucketWorld, counts = fits): string | null {
  const { manifest, tar, sides, drafts } = world;
  if (manifest === null || !counts(manifest, tar)) return null;
  if (manifest.tar !== null && manifest.tar !== tar?.sha)
    return `a manifest of ${manifest.draft} with the tar of ${tar?.draft}`;
  if (manifest.tar === null && drafts.includes(manifest.draft)) return null;
  const wanted = madeIn(world, manifest.draft).sides;
  const wrong = sides.findIndex((side, at) => side !== wanted[at] && (at === 0 || manifest.tar !== null));
  return wrong < 0 ? null : `a manifest of ${manifest.draft} with side ${wrong} of ${sides[wrong]}`;
}
