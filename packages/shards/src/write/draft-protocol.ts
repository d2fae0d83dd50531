/**
 * How a shard is committed, as a pure state machine: which step comes next, given what the steps before it found. It
 * knows no file and no clock; commit-shard.ts takes the steps in a store, and its test takes them in every order in which
 * several writers can take theirs.
 *
 * A writer makes a draft: the tar and all that belongs to it, whole. The first tar that lies under the shard's name decides:
 * whoever finds it finishes its draft, his own or another's, and the manifest is the commit. A shard without samples has
 * no tar: there the first draft decides. Everything that is published comes out of a draft, and is refused once the draft
 * is removed; and only who has a taker, a draft with nothing in it, takes away what lies there.
 *
 * So whoever finishes a draft removes all takers first, and looks once more whether its tar lies there and no manifest:
 * from then on nobody takes that tar away. A tar without a draft and without a manifest counts for nothing. A manifest that
 * does not fit what lies there, or that is to be replaced, is taken away, its own draft before it.
 */
export type CommitStep =
  | { readonly do: "look-tar" | "look-drafts" | "look-manifest" | "look-fit" }
  | { readonly do: "list-others" | "tar-again" | "manifest-again"; readonly draft: string }
  | { readonly do: "make-taker" | "remove-draft"; readonly draft: string }
  | { readonly do: "place-tar" | "clear-tar" | "clear-manifest" | "commit"; readonly draft: string }
  /** Ledger and indexes, at once: in which order does not matter. */
  | { readonly do: "place-sides"; readonly draft: string; readonly isEmpty: boolean }
  | { readonly do: "end"; readonly end: CommitEnd };

/** `finished`: the manifest of this draft was published now. `standing`: there was one. `lost`: the draft was removed by another. */
export type CommitEnd =
  | { readonly kind: "finished"; readonly draft: string }
  | { readonly kind: "standing" | "lost" };

export interface DraftSeen {
  readonly draft: string;
  /** The identity of its tar; null: it has no samples. */
  readonly tar: string | null;
  /** The identity of its manifest; null: it is a taker. */
  readonly manifest: string | null;
  /** Made of the same members by the same recipe, so that either may stand for the other. */
  readonly isSameWork: boolean;
}

/** What a step found: the fields that its kind has. */
export type CommitAnswer =
  | { readonly tar: string | null }
  | { readonly drafts: readonly DraftSeen[] }
  /** Its identity. */
  | { readonly manifest: string | null }
  /** Whether the manifest that was found can be read and the tar that it names lies there. */
  | { readonly fits: boolean }
  | { readonly result: "done" | "exists" | "gone" };

export interface CommitState {
  readonly mine: string;
  /** Nobody else has it: a draft may be finished by several, one after the other. */
  readonly takerName: string;
  readonly taker: string | null;
  /** The manifest that is to give way; null: none. */
  readonly replaces: string | null;
  readonly tar: string | null;
  /** At first it is taken to be absent, and who tries to place one is told otherwise. */
  readonly isTarKnown: boolean;
  readonly manifest: string | null;
  readonly drafts: readonly DraftSeen[];
  /** Those to come; the first is the next one. */
  readonly steps: readonly CommitStep[];
}

type Steps = readonly CommitStep[];

/** In this order: what a draft had published is seen when the draft is not seen any more. */
const look: Steps = [{ do: "look-tar" }, { do: "look-drafts" }, { do: "look-manifest" }];

/** `mine` is a draft that is there. */
export function beginCommit(mine: string, replaces: string | null, takerName = `${mine}.taker`): CommitState {
  const unknown = { tar: null, isTarKnown: false, manifest: null, drafts: [] };
  return { mine, takerName, taker: null, replaces, ...unknown, steps: look.slice(1) };
}

export function nextStep(state: CommitState): CommitStep {
  const [step] = state.steps;
  if (step === undefined) throw new Error("a commit has no step after its end");
  return step;
}

export function advance(state: CommitState, answer: CommitAnswer): CommitState {
  const step = nextStep(state);
  if ("tar" in answer) return afterTar(state, step, answer.tar);
  if ("drafts" in answer) return afterDrafts(state, step, answer.drafts);
  if ("manifest" in answer) return afterManifest(state, step, answer.manifest);
  if ("fits" in answer) return then(state, answer.fits ? standing(state) : retiring(state));
  return afterChange(state, step, answer.result);
}

function afterTar(state: CommitState, step: CommitStep, tar: string | null): CommitState {
  const steps = state.steps.slice(1);
  if (step.do === "look-tar") return { ...state, tar, isTarKnown: true, steps };
  return then(state, "draft" in step && tar === tarOf(state, step.draft) ? steps : look);
}

function afterDrafts(state: CommitState, step: CommitStep, drafts: readonly DraftSeen[]): CommitState {
  if (step.do === "look-drafts") return { ...state, drafts, steps: state.steps.slice(1) };
  return "draft" in step ? then(state, clearing(state, step.draft, drafts)) : state;
}

function afterManifest(state: CommitState, step: CommitStep, manifest: string | null): CommitState {
  if (step.do === "manifest-again") return then(state, manifest === null ? state.steps.slice(1) : look);
  const found = { ...state, manifest };
  if (manifest === null) return then(found, first(found));
  return then(found, manifest === state.replaces ? retiring(found) : [{ do: "look-fit" }]);
}

function afterChange(state: CommitState, step: CommitStep, result: "done" | "exists" | "gone"): CommitState {
  const next = then(state, state.steps.slice(1));
  switch (step.do) {
    case "make-taker":
      return { ...next, taker: step.draft };
    case "remove-draft":
      return next;
    case "place-tar":
      return then(state, result === "done" ? finishing(state, step.draft) : look);
    case "place-sides":
      return result === "done" ? next : then(state, look);
    case "commit":
      return then(state, result === "done" ? finished(state, step.draft) : look);
    default:
      return then({ ...state, taker: result === "gone" ? null : state.taker }, look);
  }
}

/** What was seen before all is looked at anew is forgotten. */
function then(state: CommitState, steps: Steps): CommitState {
  const isAnew = steps[0]?.do === "look-tar" || steps[0]?.do === "end";
  return isAnew ? { ...state, tar: null, manifest: null, drafts: [], steps } : { ...state, steps };
}

/** No manifest lies there. */
function first(state: CommitState): Steps {
  const { mine, tar, drafts } = state;
  const isMineThere = drafts.some(({ draft }) => draft === mine);
  if (tar === null) {
    const isTold = state.isTarKnown || drafts.every((seen) => seen.tar !== null || seen.manifest === null);
    if (!isTold) return look;
    const [empty] = drafts.filter((seen) => isEmptyOf(state, seen)).sort(byName);
    if (empty !== undefined) return finishing(state, empty.draft);
    const other = drafts.find((seen) => seen.tar === null && seen.manifest !== null);
    if (other !== undefined) return [...removals([other]), ...look];
    return isMineThere ? [{ do: "place-tar", draft: mine }] : lost(state);
  }
  const holder = drafts.find((seen) => seen.tar === tar);
  if (holder?.isSameWork === true || holder?.draft === mine) return finishing(state, holder.draft);
  // It may be committed by whoever is just finishing it, up to the moment when it is gone: then all is looked at anew.
  if (holder !== undefined) return [...removals([holder]), ...look];
  return isMineThere ? taking(state, "clear-tar") : lost(state);
}

/** The manifest that lies there counts for nothing, or no longer. Nor does the draft that it came from, or the tar. */
function retiring(state: CommitState): Steps {
  const { mine, taker, tar, manifest, drafts } = state;
  if (!drafts.some(({ draft }) => draft === mine)) return lost(state);
  const old = drafts.filter((seen) => seen.manifest === manifest || (tar !== null && seen.tar === tar));
  if (old.some(({ draft }) => draft === mine)) return [...removals(old), ...lost(state)];
  const takers = drafts.filter((seen) => seen.manifest === null && seen.draft !== taker);
  return [...removals([...old, ...takers]), ...taking(state, "clear-manifest")];
}

/** What is taken away was looked at after the taker was made. */
function taking({ takerName, taker }: CommitState, what: "clear-tar" | "clear-manifest"): Steps {
  if (taker === null) return [{ do: "make-taker", draft: takerName }, ...look];
  return [{ do: what, draft: taker }];
}

/** Committed by another, or before: its draft may have been left, and ours is not needed. */
function standing(state: CommitState): Steps {
  const { mine, tar, manifest, drafts } = state;
  const left = drafts.filter(
    (seen) => seen.draft !== mine && (seen.manifest === manifest || (tar !== null && seen.tar === tar)),
  );
  return [...removals(left), ...ending(state, { kind: "standing" })];
}

function finishing(state: CommitState, draft: string): Steps {
  const isEmpty = tarOf(state, draft) === null;
  return [
    { do: "list-others", draft },
    { do: "tar-again", draft },
    { do: "manifest-again", draft },
    { do: "place-sides", draft, isEmpty },
    { do: "commit", draft },
  ];
}

/** The drafts beside it are not needed any more: whoever made one finds the manifest. */
function finished(state: CommitState, draft: string): Steps {
  const others = state.drafts.filter((seen) => seen.isSameWork && ![state.mine, draft].includes(seen.draft));
  return [...removals(others), ...ending(state, { kind: "finished", draft })];
}

/**
 * Takers go. Of a shard with samples nobody else was seen at work: then its tar alone, which lies there still, says that
 * none was committed meanwhile. And where there is to be no tar, every draft that might still place one, or of two without samples the one
 * with the later name.
 */
function clearing(state: CommitState, kept: string, found: readonly DraftSeen[]): Steps {
  const others = found.filter(({ draft }) => draft !== kept && draft !== state.taker);
  const takers = others.filter(({ manifest }) => manifest === null);
  const rest = state.steps.slice(1);
  if (tarOf(state, kept) !== null) {
    const isAlone = others.length === 0;
    return [...removals(takers), ...(isAlone ? rest.filter((step) => step.do !== "manifest-again") : rest)];
  }
  const isBefore = others.some((seen) => isEmptyOf(state, seen) && seen.draft < kept);
  return isBefore ? look : [...removals(others), ...rest];
}

/** It has no samples, and is of the same work. */
function isEmptyOf({ mine }: CommitState, { draft, tar, manifest, isSameWork }: DraftSeen): boolean {
  return tar === null && manifest !== null && (isSameWork || draft === mine);
}

function ending({ mine, taker }: CommitState, end: CommitEnd): Steps {
  const mineToo = new Set([mine, ...(taker === null ? [] : [taker]), ...("draft" in end ? [end.draft] : [])]);
  return [...[...mineToo].map((draft): CommitStep => ({ do: "remove-draft", draft })), { do: "end", end }];
}

function lost(state: CommitState): Steps {
  return ending(state, { kind: "lost" });
}

function removals(drafts: readonly DraftSeen[]): Steps {
  return drafts.map(({ draft }) => ({ do: "remove-draft", draft }));
}

function tarOf({ drafts }: CommitState, draft: string): string | null {
  return drafts.find((seen) => seen.draft === draft)?.tar ?? null;
}

function byName(a: DraftSeen, b: DraftSeen): number {
  return a.draft < b.draft ? -1 : 1;
}
