import { type BuildRecord, Failure, recipeHash, writtenCatalogueFields } from "@shardmill/core";

/** Whether an output's samples have another form than those that this version makes. */
export function isOfOtherForm({ dataset, recipe, recipeHash: recorded, tokenizer }: BuildRecord): boolean {
  return recipeHash(recipe, writtenCatalogueFields(dataset), tokenizer?.identity ?? null) !== recorded;
}

/**
 * A build whose record has another hash for its recipe than this version gives it was made by a version that wrote another
 * form of samples: what would be added to it would not fit what stands. It can be looked at, and made anew.
 */
export function refuseOtherForm(build: BuildRecord): void {
  const { dataset, toolchain } = build;
  if (!isOfOtherForm(build)) return;
  throw new Failure(
    "recipe_changed",
    `this output was made by Shardmill ${toolchain.shardmill}, whose samples have another form`,
    { where: { dataset: dataset.name } },
  );
}
