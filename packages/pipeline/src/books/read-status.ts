import {
  type AnnotationsRecord,
  addTokens,
  type BuildRecord,
  type Code,
  type Counts,
  type Manifest,
  mergeRemarks,
  noCounts,
  type PartEnd,
  type PartId,
  type PartPlan,
  type PartState,
  partLabel,
  type Remark,
  sumCounts,
  type TokenCounts,
} from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { manifestsByPart } from "./manifests-by-part.ts";
import { addUpPart, type PartBooks } from "./part-books.ts";
import { type Books, readBooks } from "./read-books.ts";
import { type StaleReason, staleReasons } from "./stale-reasons.ts";
import { membersToDo } from "./to-do.ts";
import { usedTwice } from "./used-twice.ts";

export { partsToDo } from "./to-do.ts";

export interface PartStatus extends PartId {
  readonly label: string;
  readonly state: PartState;
  /** Done elsewhere and taken over unverified: there are no books of it. */
  readonly isAdopted: boolean;
  /** A request of this output has asked for it: `retry --missing` covers it without being told so. */
  readonly isAsked: boolean;
  /** Planned open: its archive can only be read from its front. */
  readonly isStream: boolean;
  readonly members: number | null;
  readonly packed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly byCode: Readonly<Record<string, number>>;
  readonly samples: number;
  readonly frames: number;
  readonly tokens: TokenCounts | null;
  readonly shards: { readonly done: number; readonly total: number | null };
  /** Bytes of the part at the source; of its shards. */
  readonly sourceBytes: number;
  readonly shardBytes: number;
  /** The commit that its plan was made from; null without a plan, and for a folder. */
  readonly revision: string | null;
  /** Why it is failed, absent or stale. */
  readonly error: { readonly code: Code | null; readonly detail: string } | null;
  /** What costs no member and should be known, one for each code. */
  readonly remarks: readonly Remark[];
  /** A person has paused it, or cancelled it and not asked for it again; null of any other, and of what is done. */
  readonly held: HeldPart | null;
}

/** Since when a person has a part paused, or when they cancelled it. */
export interface HeldPart {
  readonly kind: "pause" | "cancel";
  readonly at: string;
}

export interface BuildStatus {
  readonly dataset: string;
  readonly build: string;
  readonly source: BuildRecord["source"];
  readonly revision: string | null;
  readonly recipe: BuildRecord["recipe"];
  readonly parts: readonly PartStatus[];
  readonly totals: {
    readonly members: number;
    readonly packed: number;
    readonly failed: number;
    readonly skipped: number;
    /** Members that a plan has and no fate is told of yet; of parts that are not planned nobody knows any. */
    readonly toDo: number;
    /** Annotations without a member; null until every part of the dataset has been planned, and while one is stale. */
    readonly unmatched: number | null;
    /** Of a benchmark: questions whose media nobody fetched, when a build ended last; null of any other, and before. */
    readonly notFetched: number | null;
    readonly byCode: Readonly<Record<string, number>>;
    readonly samples: number;
    readonly frames: number;
    readonly shardBytes: number;
    /** Of samples with tokens; null where none has. */
    readonly tokens: TokenCounts | null;
  };
  /** When the newest of its shards was committed or the last of its parts ended; null before the first. */
  readonly newestAt: string | null;
  /** Of the listing. */
  readonly remarks: readonly string[];
  /** Of the annotation files, one for each code. */
  readonly annotationRemarks: readonly Remark[];
  /** The catalogue's own names of subsets, by the source's: either may be used to name a part. */
  readonly subsetNames: Readonly<Record<string, string>>;
}

/** Labels of parts that the queue is working on, or will. Empty where no queue can be asked. */
export interface QueueView {
  readonly running: ReadonlySet<string>;
  readonly queued: ReadonlySet<string>;
  /** Parts that a person has paused or cancelled. */
  readonly held?: ReadonlyMap<string, HeldPart>;
}

/** A pause is of what is at work, a cancel of what is not: whatever else lies there is of earlier. */
export function heldOf(label: string, state: PartState, { held }: Pick<QueueView, "held">): HeldPart | null {
  const found = held?.get(label);
  if (found === undefined || state === "done" || state === "absent") return null;
  const isAtWork = state === "running" || state === "queued";
  return isAtWork === (found.kind === "pause") ? found : null;
}

export const noQueue: QueueView = { running: new Set(), queued: new Set() };

/** Every figure is added up from plans and manifests; the queue only adds who is at work. */
export async function readStatus(
  records: Records,
  build: BuildRecord,
  queue: QueueView,
): Promise<BuildStatus> {
  return statusOf(build, await readBooks(records), queue);
}

export function statusOf(
  build: BuildRecord,
  { plans, manifests, ends, annotations, unfetched }: Books,
  queue: QueueView,
): BuildStatus {
  const standing = manifestsByPart(manifests);
  const planOf = new Map(plans.map((plan) => [partLabel(plan), plan]));
  const endOf = new Map(ends.map((end) => [partLabel(end), end]));
  const { asked } = build;
  const askedFor = new Set(asked.parts.map(partLabel));
  const parts = build.parts.map((part) => {
    const label = partLabel(part);
    const isAsked = asked.everything || askedFor.has(label) || part.archive === "roots";
    const plan = planOf.get(label) ?? null;
    const manifests = standing.get(label) ?? [];
    return statusOfPart({ part, isAsked, plan, manifests, end: endOf.get(label) ?? null }, build, queue);
  });
  const totals = sumCounts(parts.map(({ counts }) => counts));
  const present = parts.filter(({ status }) => status.state !== "absent");
  // A stale part used records of other files than those that were counted last; a small build takes few of the members.
  const isKnown = present.every(
    ({ status }) => status.state !== "stale" && (planOf.get(status.label)?.members ?? null) !== null,
  );
  const known = recordsCounted(present, annotations);
  const used = present.reduce((sum, { books }) => sum + (books?.annotationsUsed ?? 0), 0);
  const isWhole = build.recipe.only === undefined && known !== null;
  const hasFiles = build.dataset.annotations.kind === "files" && build.source.kind !== "output";
  return {
    dataset: build.dataset.name,
    build: build.build,
    source: build.source,
    revision: build.source.revision,
    recipe: build.recipe,
    parts: parts.map(({ status }) => status),
    totals: {
      ...totals,
      toDo: parts.reduce((sum, { status }) => sum + membersToDo(status), 0),
      unmatched: hasFiles ? (isKnown && isWhole ? Math.max(0, known - used) : null) : isKnown ? 0 : null,
      notFetched: unfetched?.questions ?? null,
      samples: parts.reduce((sum, { status }) => sum + status.samples, 0),
      frames: parts.reduce((sum, { status }) => sum + status.frames, 0),
      shardBytes: parts.reduce((sum, { status }) => sum + status.shardBytes, 0),
      tokens: parts.map(({ status }) => status.tokens ?? undefined).reduce(addTokens, undefined) ?? null,
    },
    newestAt: newestOf([
      ...manifests.map(({ made }) => made.committedAt),
      ...ends.map(({ endedAt }) => endedAt),
    ]),
    remarks: [...build.remarks, ...(hasFiles && isKnown && isWhole ? usedTwice(used - known) : [])],
    annotationRemarks: mergeRemarks(annotations.flatMap(({ remarks }) => remarks)),
    subsetNames: build.dataset.subsetNames,
  };
}

/** How many annotations the files have that these parts are joined with; null where those of a part were not counted. */
function recordsCounted(
  parts: readonly { readonly status: { readonly subset: string | null } }[],
  annotations: readonly AnnotationsRecord[],
): number | null {
  const counted = new Set(annotations.map(({ subset }) => subset));
  const isWhole = parts.every(({ status: { subset } }) => counted.has(subset) || counted.has(null));
  return isWhole ? annotations.reduce((sum, { count }) => sum + count, 0) : null;
}

function newestOf(moments: readonly string[]): string | null {
  const times = moments.map((moment) => Date.parse(moment)).filter(Number.isFinite);
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}

interface PartView {
  readonly status: PartStatus;
  readonly counts: Counts;
  readonly books: PartBooks | null;
}

/** What the records say of one part. */
interface PartFiles {
  readonly part: BuildRecord["parts"][number];
  readonly isAsked: boolean;
  readonly plan: PartPlan | null;
  readonly manifests: readonly Manifest[];
  readonly end: PartEnd | null;
}

function statusOfPart(
  { part, isAsked, plan, manifests, end }: PartFiles,
  build: BuildRecord,
  queue: QueueView,
): PartView {
  const books = plan === null ? null : addUpPart(plan, manifests);
  const counts = books?.counts ?? noCounts;
  const label = partLabel(part);
  const stale = plan === null ? [] : staleReasons(part, build, plan);
  const state = stateOf({ part, label, plan, stale, books, end, queue });
  const status: PartStatus = {
    subset: part.subset,
    part: part.part,
    label,
    state,
    isAdopted: state === "done" && plan === null && end?.state === "adopted",
    // What has been begun here was asked for by somebody, whatever the record says.
    isAsked: isAsked || plan !== null || end !== null || manifests.length > 0,
    isStream: plan?.open === true,
    members: plan?.members ?? (counts.members > 0 && plan?.open === true ? null : (books?.members ?? null)),
    packed: counts.packed,
    failed: counts.failed,
    skipped: counts.skipped,
    byCode: counts.byCode,
    samples: books?.samples ?? 0,
    frames: books?.frames ?? 0,
    tokens: books?.tokens ?? null,
    shards: books?.shards ?? { done: 0, total: null },
    sourceBytes: part.pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0),
    shardBytes: books?.bytes ?? 0,
    revision: plan?.revision ?? null,
    error: errorOf(state, part, stale, end),
    remarks: mergeRemarks([...(plan?.remarks ?? []), ...manifests.flatMap(({ remarks }) => remarks)]),
    held: heldOf(label, state, queue),
  };
  return { status, counts, books };
}

function errorOf(
  state: PartState,
  { absent }: BuildRecord["parts"][number],
  stale: readonly StaleReason[],
  end: PartEnd | null,
): PartStatus["error"] {
  switch (state) {
    case "absent":
      return absent === null ? null : { code: absent.code, detail: absent.reason };
    case "stale":
      return staleError(stale, end);
    case "failed":
      return end?.state === "failed" ? { code: end.code, detail: end.detail ?? "" } : null;
    default:
      return null;
  }
}

/** Why it is stale; and why planning it anew failed, where that was tried. */
function staleError(stale: readonly StaleReason[], end: PartEnd | null): PartStatus["error"] {
  const detail = stale.map((reason) => reason.detail).join("; ");
  return end?.isOfReplanning === true
    ? { code: end.code, detail: `${detail}; it could not be planned anew: ${end.detail ?? ""}` }
    : { code: stale[0]?.code ?? null, detail };
}

function stateOf(view: {
  part: BuildRecord["parts"][number];
  label: string;
  plan: PartPlan | null;
  stale: readonly StaleReason[];
  books: PartBooks | null;
  end: PartEnd | null;
  queue: QueueView;
}): PartState {
  const { part, label, plan, stale, books, end, queue } = view;
  if (part.absent !== null) return "absent";
  if (queue.running.has(label)) return "running";
  if (queue.queued.has(label)) return "queued";
  if (end?.state === "adopted" && plan === null) return "done";
  if (plan === null) return end?.state === "failed" ? "failed" : "missing";
  if (stale.length > 0) return "stale";
  if (end?.state === "failed") return "failed";
  const complete = books !== null && books.shards.total !== null && books.shards.done === books.shards.total;
  if (complete) return "done";
  return (books?.shards.done ?? 0) > 0 ? "partial" : "missing";
}
