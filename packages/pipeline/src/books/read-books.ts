import {
  type AnnotationsRecord,
  type Manifest,
  type PartEnd,
  type PartId,
  type PartPlan,
  partLabel,
} from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { readUnfetched, type Unfetched } from "./unfetched.ts";
import { withTheirTars } from "./valid-manifest.ts";

/** What status is added up from, read at one time. */
export interface Books {
  readonly plans: readonly PartPlan[];
  /** Those whose tar is there. */
  readonly manifests: readonly Manifest[];
  readonly ends: readonly PartEnd[];
  readonly annotations: readonly AnnotationsRecord[];
  readonly unfetched?: Unfetched | null;
}

export async function readBooks(records: Records): Promise<Books> {
  const [others, manifests] = await Promise.all([readOthers(records), records.listManifests()]);
  return { ...others, manifests: await withTheirTars(records, manifests) };
}

/**
 * The same some time after a reading, for the work of what was committed since. Of a part whose plan or end is another one
 * every shard is looked at; elsewhere one that was removed and made again within moments is told as it was.
 */
export async function readBooksSince(records: Records, before: Books): Promise<Books> {
  const others = await readOthers(records);
  const touched = partsTouched(before, others);
  for (const part of touched.values()) await records.listManifests(part);
  const known = await records.listKnownManifests();
  const standing = new Set(before.manifests);
  const isNew = (manifest: Manifest): boolean =>
    !standing.has(manifest) || (touched.size > 0 && touched.has(partLabel(manifest)));
  const added = new Set(await withTheirTars(records, known.filter(isNew)));
  return { ...others, manifests: known.filter((manifest) => added.has(manifest) || !isNew(manifest)) };
}

async function readOthers(records: Records): Promise<Omit<Books, "manifests">> {
  const [plans, ends, annotations, unfetched] = await Promise.all([
    records.listPlans(),
    records.listPartEnds(),
    records.listAnnotations(),
    readUnfetched(records),
  ]);
  return { plans, ends, annotations, unfetched };
}

/** What stands of a part, apart from its shards. */
interface PartRecords {
  readonly plan: PartPlan;
  readonly end: PartEnd | undefined;
}

/** Parts of whose shards some may have been made anew: they were planned anew, they ended, or they are at work once more. */
function partsTouched(
  before: Pick<Books, "plans" | "ends">,
  now: Pick<Books, "plans" | "ends">,
): Map<string, PartId> {
  const [was, is] = [recordsByPart(before), recordsByPart(now)];
  const touched = new Map<string, PartId>();
  for (const [label, { plan }] of was) if (!is.has(label)) touched.set(label, plan);
  for (const [label, records] of is) {
    const earlier = was.get(label);
    if (earlier === undefined || !isAsBefore(earlier, records)) touched.set(label, records.plan);
  }
  return touched;
}

function recordsByPart({ plans, ends }: Pick<Books, "plans" | "ends">): Map<string, PartRecords> {
  const endOf = new Map(ends.map((end) => [partLabel(end), end]));
  return new Map(
    plans.map((plan) => {
      const label = partLabel(plan);
      return [label, { plan, end: endOf.get(label) }];
    }),
  );
}

/** Most files are those that were read before, and what they hold is not compared. */
function isAsBefore(before: PartRecords, now: PartRecords): boolean {
  if (before.plan === now.plan && before.end === now.end) return true;
  return before.end?.endedAt === now.end?.endedAt && standsFor(before.plan) === standsFor(now.plan);
}

function standsFor(plan: PartPlan): string {
  const { contentId, annotationsId, recipeHash, rebuiltFor, isBeingReplaced, keptSupplements } = plan;
  return JSON.stringify([
    contentId,
    annotationsId,
    recipeHash,
    rebuiltFor,
    isBeingReplaced,
    keptSupplements ?? null,
  ]);
}
