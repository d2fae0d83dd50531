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

/** Parts of whose shards some may have been made anew: they were planned anew, they ended, or they are at work once more. */
function partsTouched(
  before: Pick<Books, "plans" | "ends">,
  now: Pick<Books, "plans" | "ends">,
): Map<string, PartId> {
  const told = ({
    plans,
    ends,
  }: typeof now): Map<string, { readonly part: PartId; readonly stands: string }> => {
    const endOf = new Map(ends.map((end) => [partLabel(end), end.endedAt]));
    return new Map(
      plans.map((plan) => {
        const { contentId, annotationsId, recipeHash, rebuiltFor, isBeingReplaced, keptSupplements } = plan;
        const made = { contentId, annotationsId, recipeHash, rebuiltFor, isBeingReplaced, keptSupplements };
        const label = partLabel(plan);
        return [label, { part: plan, stands: JSON.stringify([made, endOf.get(label)]) }];
      }),
    );
  };
  const [was, is] = [told(before), told(now)];
  const touched = new Map<string, PartId>();
  for (const [label, { part }] of was) if (!is.has(label)) touched.set(label, part);
  for (const [label, { part, stands }] of is) if (was.get(label)?.stands !== stands) touched.set(label, part);
  return touched;
}
