/**
 * How a shard is committed in a bucket, as a pure state machine. No condition there spans two objects, so that nothing a
 * writer is about to do can be refused by taking something else away, as it can in a folder (draft-protocol.ts). Therefore
 * a shard counts as committed only where its manifest names the hash of the tar that lies there: `fits`. A manifest
 * without a tar, of a shard without samples, counts by itself; a tar beside it counts for nothing, and nobody takes one
 * away, since that has no condition either.
 *
 * The draft is one object without the tar: manifest, ledger and indexes. The tar says whose draft it is of. The first one
 * decides: whoever finds it finishes its draft; one that has no draft any more and that no manifest names is replaced, by
 * its tag. Ledger and indexes go before the manifest, each in place of what was seen there, as long as the tar is still
 * the draft's: who has placed it himself has seen that, and another that came since makes his manifest one that does not
 * fit. Without samples the manifest goes first and decides.
 *
 * Where a shard is made by two plans at once, who is of the plan of before gives way: each looks whether what he makes is
 * still to be made just before he commits it, and before he replaces anything. So does one who made what has been withdrawn
 * meanwhile. What has the same bytes has the same tag: a writer of the plan of before that rests between two requests while another makes a tar or a ledger of the very
 * bytes that lay there before may still put his own in its place. Then the shard does not count, or verify finds it.
 */
export type BucketStep =
  | { readonly do: "look-tar" | "look-drafts" }
  /** `isFirst`: nothing else was looked at; mostly nothing is there, and whoever places a tar is told otherwise. */
  | { readonly do: "look-manifest"; readonly isFirst?: boolean }
  /** The tar once more, which was seen before the manifest that does not fit it. */
  | { readonly do: "look-fit" }
  | { readonly do: "tar-again" | "manifest-again"; readonly draft: string }
  | { readonly do: "place-tar"; readonly draft: string; readonly over: TarSeen | null }
  | { readonly do: "place-side"; readonly draft: string; readonly side: number }
  | { readonly do: "look-side"; readonly draft: string; readonly side: number }
  | {
      readonly do: "replace-side";
      readonly draft: string;
      readonly side: number;
      readonly tag: string | null;
    }
  | { readonly do: "commit"; readonly draft: string; readonly over: string | null }
  /** In place of a manifest that counts by itself: one that names a tar which nobody has. */
  | { readonly do: "retire"; readonly draft: string; readonly over: string }
  | { readonly do: "remove-draft"; readonly draft: string }
  /** Whether what this writer makes is still what is to be made: where another makes something else, and just before a commit. */
  | { readonly do: "look-plan"; readonly draft: string }
  | { readonly do: "look-wanted" }
  | { readonly do: "end"; readonly end: BucketEnd };

export type BucketEnd =
  | { readonly kind: "finished"; readonly draft: string }
  | { readonly kind: "standing" | "lost" };

export interface TarSeen {
  /** Whose it is: kept beside the object. */
  readonly draft: string;
  /** Its hash, kept likewise. */
  readonly sha: string;
}

export interface ManifestSeen {
  readonly draft: string;
  /** The hash of the tar that it names; null: a shard without samples. */
  readonly tar: string | null;
}

interface BucketDraft {
  readonly draft: string;
  readonly tar: string | null;
  readonly isSameWork: boolean;
}

export type BucketAnswer =
  | { readonly tar: TarSeen | null }
  | { readonly drafts: readonly BucketDraft[] }
  | { readonly manifest: ManifestSeen | null }
  /** `isOwn`: it has the bytes that the draft has. */
  | { readonly side: { readonly tag: string | null; readonly isOwn: boolean } }
  | { readonly isOfNow: boolean }
  | { readonly result: "done" | "refused" };

export interface BucketState {
  readonly mine: BucketDraft;
  /** The manifest that is to give way. */
  readonly replaces: string | null;
  readonly sides: number;
  readonly tar: TarSeen | null;
  readonly drafts: readonly BucketDraft[];
  readonly manifest: ManifestSeen | null;
  readonly steps: readonly BucketStep[];
}

type Steps = readonly BucketStep[];

/** In this order: what a draft had published is seen when the draft is not seen any more. */
const look: Steps = [{ do: "look-tar" }, { do: "look-drafts" }, { do: "look-manifest" }];

export function beginInBucket(mine: BucketDraft, replaces: string | null, sides: number): BucketState {
  const quick: Steps = [{ do: "look-manifest", isFirst: true }];
  return {
    mine,
    replaces,
    sides,
    tar: null,
    drafts: [],
    manifest: null,
    steps: mine.tar === null ? look : quick,
  };
}

/** Who found a draft that a dead one left, and has not its tar. */
export function resumeInBucket(found: BucketDraft, sides: number): BucketState {
  return { ...beginInBucket(found, null, sides), steps: look };
}

export function nextInBucket({ steps: [step] }: BucketState): BucketStep {
  if (step === undefined) throw new Error("a commit has no step after its end");
  return step;
}

export function advanceInBucket(state: BucketState, answer: BucketAnswer): BucketState {
  const step = nextInBucket(state);
  const rest = state.steps.slice(1);
  if ("tar" in answer) return afterTar(state, step, answer.tar);
  if ("drafts" in answer) return { ...state, drafts: answer.drafts, steps: rest };
  if ("manifest" in answer) return afterManifest(state, step, answer.manifest);
  if ("isOfNow" in answer) return then(state, afterPlan(state, step, answer.isOfNow, rest));
  if ("side" in answer) return then(state, afterSide(state, step, answer.side, rest));
  return then(state, afterChange(state, step, answer.result, rest));
}

function afterTar(state: BucketState, step: BucketStep, tar: TarSeen | null): BucketState {
  const steps = state.steps.slice(1);
  if (step.do === "look-tar") return { ...state, tar, steps };
  if (step.do !== "look-fit") return then(state, "draft" in step && tar?.draft === step.draft ? steps : look);
  const isSame = tar?.draft === state.tar?.draft && tar?.sha === state.tar?.sha;
  return then(state, isSame ? decide(state) : look);
}

function afterManifest(state: BucketState, step: BucketStep, manifest: ManifestSeen | null): BucketState {
  if (step.do !== "look-manifest")
    return then(state, afterAgain(state, step, manifest, state.steps.slice(1)));
  if (step.isFirst === true && manifest !== null) return then(state, look);
  const found = { ...state, manifest };
  return then(found, manifest === null || fits(manifest, state.tar) ? decide(found) : [{ do: "look-fit" }]);
}

/** Of two plans one is of before: who makes what nobody wants any more gives way. */
function afterPlan(state: BucketState, step: BucketStep, isOfNow: boolean, rest: Steps): Steps {
  if (!isOfNow) return ending(state, { kind: "lost" });
  if (step.do === "look-wanted") return rest;
  return [...("draft" in step ? [{ do: "remove-draft", draft: step.draft } as const] : []), ...look];
}

function then(state: BucketState, steps: Steps): BucketState {
  if (steps[0]?.do !== "look-tar" && steps[0]?.do !== "end") return { ...state, steps };
  return { ...state, tar: null, drafts: [], manifest: null, steps };
}

export function fits(manifest: ManifestSeen | null, tar: TarSeen | null): boolean {
  return manifest !== null && (manifest.tar === null || manifest.tar === tar?.sha);
}

function decide(state: BucketState): Steps {
  const { mine, tar, drafts, manifest, replaces } = state;
  if (manifest !== null && manifest.draft !== replaces && fits(manifest, tar))
    return standing(state, manifest);
  const over = manifest?.draft ?? null;
  if (over !== null && manifest?.tar === null && mine.tar !== null)
    return [{ do: "look-wanted" }, { do: "retire", draft: mine.draft, over }, ...look];
  if (tar !== null) {
    const holder = tar.draft === mine.draft ? mine : drafts.find(({ draft }) => draft === tar.draft);
    if (holder !== undefined && (holder.isSameWork || holder === mine)) return finishing(state, holder, over);
    if (holder !== undefined) return [{ do: "look-plan", draft: holder.draft }];
  }
  if (mine.tar === null) return finishing(state, mine, over);
  const place: BucketStep = { do: "place-tar", draft: mine.draft, over: tar };
  return tar === null ? [place] : [{ do: "look-wanted" }, place];
}

/** Before the manifest where a tar decides; behind it, where the manifest does. */
function finishing(state: BucketState, { draft, tar }: BucketDraft, over: string | null): Steps {
  const commit: Steps = [{ do: "look-wanted" }, { do: "commit", draft, over }];
  const sides = sidesOf(state, draft);
  if (tar === null) return [...commit, ...sides, ...ending(state, { kind: "finished", draft })];
  return [...sides, { do: "tar-again", draft }, ...commit, ...ending(state, { kind: "finished", draft })];
}

function sidesOf(state: BucketState, draft: string): Steps {
  const length = tarOf(state, draft) === null ? 1 : state.sides;
  return Array.from({ length }, (_, side): BucketStep => ({ do: "place-side", draft, side }));
}

function standing(state: BucketState, manifest: ManifestSeen): Steps {
  const left = state.drafts.filter(({ draft }) => draft === manifest.draft && draft !== state.mine.draft);
  const isHalf = manifest.tar === null && (left.length > 0 || manifest.draft === state.mine.draft);
  return [
    ...(isHalf ? sidesOf(state, manifest.draft) : []),
    ...left.map(({ draft }): BucketStep => ({ do: "remove-draft", draft })),
    ...ending(state, { kind: "standing" }),
  ];
}

function ending({ mine }: BucketState, end: BucketEnd): Steps {
  const gone = "draft" in end ? [...new Set([end.draft, mine.draft])] : [mine.draft];
  return [...gone.map((draft): BucketStep => ({ do: "remove-draft", draft })), { do: "end", end }];
}

function afterAgain(state: BucketState, step: BucketStep, found: ManifestSeen | null, rest: Steps): Steps {
  if (!("draft" in step)) return look;
  // Of a shard without samples it is there already.
  if (found?.draft === step.draft) return rest;
  const isOpen = found === null || found.draft === state.replaces || found.draft === state.manifest?.draft;
  return isOpen && tarOf(state, step.draft) !== null ? rest : look;
}

function afterSide(
  state: BucketState,
  step: BucketStep,
  { tag, isOwn }: { readonly tag: string | null; readonly isOwn: boolean },
  rest: Steps,
): Steps {
  if (step.do !== "look-side") return look;
  if (isOwn) return rest;
  const { draft, side } = step;
  const still: Steps = tarOf(state, draft) === null ? [] : [{ do: "tar-again", draft }];
  return [...still, { do: "manifest-again", draft }, { do: "replace-side", draft, side, tag }, ...rest];
}

function afterChange(state: BucketState, step: BucketStep, result: "done" | "refused", rest: Steps): Steps {
  switch (step.do) {
    case "place-side":
    case "replace-side":
      if (result === "done") return rest;
      return [{ do: "look-side", draft: step.draft, side: step.side }, ...rest];
    case "place-tar":
      if (result === "refused") return look;
      return finishing(state, state.mine, state.manifest?.draft ?? null).filter(
        (next) => next.do !== "tar-again",
      );
    case "commit":
      return result === "done" ? rest : look;
    default:
      return rest;
  }
}

function tarOf({ mine, drafts }: BucketState, draft: string): string | null {
  return draft === mine.draft ? mine.tar : (drafts.find((seen) => seen.draft === draft)?.tar ?? null);
}
