import type { AnnotationsRecord, Manifest, PartEnd, PartPlan } from "@shardmill/core";
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
  const [plans, manifests, ends, annotations, unfetched] = await Promise.all([
    records.listPlans(),
    records.listManifests(),
    records.listPartEnds(),
    records.listAnnotations(),
    readUnfetched(records),
  ]);
  return { plans, manifests: await withTheirTars(records, manifests), ends, annotations, unfetched };
}
