import {
  type LedgerLine,
  type PartPlan,
  type PlannedMember,
  placeOf,
  recordVersion,
  termsOf,
} from "@shardmill/core";
import type { AnnotationIdentity } from "../annotations/annotation-identity.ts";
import type { BuildContext } from "../context/build-context.ts";
import type { RecordedPart } from "../context/part-source.ts";

/** A plan with what lies beside it: the members of each range, and the lines of members left out already. */
export interface PlannedPart {
  readonly plan: PartPlan;
  /** Read once, by whoever writes the plan. */
  readonly members: Iterable<readonly PlannedMember[]> | AsyncIterable<readonly PlannedMember[]>;
  readonly leftOut: readonly LedgerLine[];
}

/** Told while a part is planned: which step, and how far it is in bytes. */
export type OnStep = (step: { readonly step: string; readonly done: number; readonly of: number }) => void;

function ownLicense({ dataset }: BuildContext, subset: string | null): { readonly license?: string } {
  const { license } = termsOf(dataset, subset);
  return license === dataset.license ? {} : { license };
}

export function planHead(
  context: BuildContext,
  part: RecordedPart,
  content: string,
  annotations: AnnotationIdentity,
): Omit<PartPlan, "open" | "members" | "leftOut" | "annotationsUsed" | "ranges"> {
  return {
    version: recordVersion,
    dataset: context.dataset.name,
    subset: part.subset,
    part: part.part,
    archive: part.archive,
    pieces: part.pieces,
    contentId: content,
    annotationsId: annotations.id,
    recipeHash: context.build.recipeHash,
    revision: placeOf(context.source, part.pieces[0]).revision,
    annotationFiles: [...annotations.files],
    ...ownLicense(context, part.subset),
    remarks: [],
  };
}
