import { type BuildRecord, type Dataset, Failure, type Manifest, type Recipe } from "@shardmill/core";
import type { NewBuild } from "./build-request.ts";

/** Two datasets under one name would take each other's parts for their own. */
export function refuseOtherEntry(
  { dataset: { name }, entry = name, again, origin }: NewBuild,
  before: BuildRecord,
): void {
  if (again !== undefined) return;
  const { source } = before;
  const place = source.kind === "output" ? source.location : undefined;
  if (place !== origin)
    throw new Failure(
      "wrong_use",
      `${name} is ${place === undefined ? "no output of tokenize" : `tokenized from ${place}`} in this folder: give another name with --as`,
      { where: { dataset: name } },
    );
  const other = before.entry ?? before.dataset.name;
  if (other === entry) return;
  throw new Failure(
    "wrong_use",
    `${name} is an output of ${other} in this folder: give another name with --as`,
    {
      where: { dataset: name },
    },
  );
}

export function refuseOtherRecipe({ name }: Dataset, wanted: string, manifests: readonly Manifest[]): void {
  const other = manifests.filter((manifest) => manifest.recipeHash !== wanted);
  if (other.length > 0)
    throw new Failure(
      "recipe_changed",
      `${other.length} shards in this output folder were made with another recipe`,
      { where: { dataset: name } },
    );
}

/** Rows can be counted from the footers of parquet files; of all else every byte would have to be read for it. */
export function refuseRows({ name, parts }: Dataset, { rows }: Recipe): void {
  if (rows === undefined || parts.every(({ archive }) => archive === "parquet")) return;
  throw new Failure("wrong_use", "recipe.rows counts rows of parquet files, and this dataset has others", {
    where: { dataset: name },
  });
}
