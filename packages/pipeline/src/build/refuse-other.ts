import { whereFields } from "@shardmill/catalogue";
import {
  type BuildRecord,
  type Dataset,
  Failure,
  hashOf,
  layoutOf,
  type Manifest,
  type Recipe,
  whereProblem,
} from "@shardmill/core";
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
      `${name} is ${place === undefined ? "not made of another output" : `${madeOf(before)} ${place}`} in this folder: give another name with --as`,
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

function madeOf({ recipe }: BuildRecord): string {
  return layoutOf(recipe) === null ? "tokenized from" : "a layout of";
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

/** A condition on what no sample of the dataset has would leave out all of them. */
export function refuseWhere(dataset: Dataset, { where }: Recipe): void {
  const problem = where === undefined ? null : whereProblem(where, whereFields(dataset));
  if (problem !== null)
    throw new Failure("wrong_use", `recipe.where: ${problem}`, { where: { dataset: dataset.name } });
}

/** Rows can be counted from the footers of parquet files; of all else every byte would have to be read for it. */
export function refuseRows({ name, parts }: Dataset, { rows }: Recipe): void {
  if (rows === undefined || parts.every(({ archive }) => archive === "parquet")) return;
  throw new Failure("wrong_use", "recipe.rows counts rows of parquet files, and this dataset has others", {
    where: { dataset: name },
  });
}

/** What names a layout's tokenizer is its own record: of another one at its origin it is made anew. */
export function refuseOtherTokens(origin: BuildRecord, { recipe, tokenizer, dataset }: BuildRecord): void {
  const identityOf = (kept: BuildRecord["tokenizer"]) => hashOf(kept?.identity ?? null);
  if (layoutOf(recipe) === null || identityOf(origin.tokenizer) === identityOf(tokenizer)) return;
  throw new Failure(
    "recipe_changed",
    `${origin.dataset.name} has other tokens than when ${dataset.name} was laid out`,
    { where: { dataset: dataset.name } },
  );
}

/** Texts have no pictures that could lie otherwise. */
export function refuseLayout({ name, media }: Dataset, recipe: Recipe): void {
  if (layoutOf(recipe) === null || media !== "none") return;
  throw new Failure(
    "wrong_use",
    `${name} has texts without pictures: nothing of it can be laid out otherwise`,
    {
      where: { dataset: name },
    },
  );
}
