import { recordValues, sampleText } from "@shardmill/catalogue";
import {
  type AnnotationRecord,
  type Dataset,
  type Recipe,
  type Rejection,
  reject,
  ruledOut,
} from "@shardmill/core";

/** What decides which samples records make. */
export interface SampleRules {
  readonly dataset: Dataset;
  readonly recipe: Pick<Recipe, "records" | "where">;
}

/** Each record that speaks of a stretch of its clip is a sample of that stretch. */
export function isOneEach({ dataset, recipe }: SampleRules): boolean {
  return recipe.records === "each" || dataset.bounds !== undefined;
}

/** The records of a member, as its samples share them. */
export function recordGroups(
  rules: SampleRules,
  records: readonly AnnotationRecord[],
): (readonly AnnotationRecord[])[] {
  return isOneEach(rules) ? records.map((record) => [record]) : [records];
}

/** `filtered` where the records alone say that no sample of a member is wanted, so that nothing of it has to be fetched. */
export function filteredByRecords(
  rules: SampleRules,
  member: string,
  records: readonly AnnotationRecord[],
): Rejection | null {
  const { dataset, recipe } = rules;
  if (recipe.where === undefined) return null;
  let first: string | null = null;
  for (const group of recordGroups(rules, records)) {
    const found = sampleText(dataset, group);
    if (found.kind === "rejected") continue;
    const rule = ruledOut(recipe.where, recordValues(dataset, { member, ...found }));
    if (rule === null) return null;
    first ??= rule;
  }
  return first === null ? null : reject("filtered", first);
}
