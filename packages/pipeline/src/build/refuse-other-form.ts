import { type BuildRecord, Failure, recipeHash, writtenCatalogueFields } from "@shardmill/core";

/**
 * A build whose record has another hash for its recipe than this version gives it was made by a version that wrote another
 * form of samples: what would be added to it would not fit what stands. It can be looked at, and made anew.
 */
export function refuseOtherForm(build: BuildRecord): void {
  const { dataset, recipe, recipeHash: recorded, toolchain, tokenizer } = build;
  if (recipeHash(recipe, writtenCatalogueFields(dataset), tokenizer?.identity ?? null) === recorded) return;
  throw new Failure(
    "recipe_changed",
    `this output was made by Shardmill ${toolchain.shardmill}, whose samples have another form`,
    { where: { dataset: dataset.name } },
  );
}
