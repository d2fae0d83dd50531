import {
  type BuildRecord,
  composeRecipe,
  Failure,
  hashOf,
  layoutOf,
  type PartListing,
  type Recipe,
  type RecipeResult,
} from "@shardmill/core";
import { openRecords, type Records, type Store } from "@shardmill/store";
import { noQueue, readStatus } from "../books/read-status.ts";
import { standingManifests } from "../books/valid-manifest.ts";
import { outputSource, shardFile } from "../context/output-source.ts";
import type { BuildRequest } from "./build-request.ts";

/** A finished output as a source: its recorded build, and its parts with the shards of each. */
export interface OutputSurvey {
  readonly origin: BuildRecord;
  readonly source: ReturnType<typeof outputSource>;
  readonly parts: readonly PartListing[];
}

/** What is done of another output of the store. Its other parts are absent, with the state that they are in. */
export async function surveyOutput(store: Store, output: string): Promise<OutputSurvey> {
  const records = openRecords(store, output);
  const origin = await records.readBuild();
  if (origin === null)
    throw new Failure("wrong_use", `there is no build of ${output} in this output folder`, {
      where: { dataset: output },
    });
  const status = await readStatus(records, origin, noQueue);
  const parts: PartListing[] = [];
  for (const { subset, part, label, state } of status.parts) {
    const id = { subset, part, label, archive: "shards" } as const;
    const pieces = state === "done" ? await shardsOf(records, { subset, part }) : null;
    parts.push(
      pieces === null
        ? {
            ...id,
            kind: "absent",
            code: "part_absent",
            reason: `it is ${state} in ${output}, and has to be done there first`,
          }
        : {
            ...id,
            kind: "present",
            pieces,
            sizeBytes: pieces.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
          },
    );
  }
  return { origin, source: outputSource(store, output), parts };
}

/** Null for a part that was adopted: its shards are elsewhere. */
async function shardsOf(records: Records, id: { readonly subset: string | null; readonly part: number }) {
  const plan = await records.readPlan(id);
  if (plan === null) return null;
  const manifests = await standingManifests(records, plan);
  return manifests.flatMap((manifest) => shardFile(records, manifest) ?? []);
}

/** What a recipe may change of samples whose pictures are made: their texts, or how the pictures lie. */
const changeable = ["text", "turns", "textPicture"] as const;

/**
 * The recipe of an output's samples with other text, or in another layout: all that made their pictures stays. A Failure `wrong_use`
 * names a setting that would ask for more than that, or what the samples do not have.
 */
export function remadeRecipe(
  origin: BuildRecord,
  { settings, named }: Pick<BuildRequest, "settings" | "named">,
): Recipe {
  const refused = (why: string): Failure =>
    new Failure("wrong_use", why, { where: { dataset: origin.dataset.name } });
  const composed = composeRecipe(origin.dataset.recipe, settings, named?.recipe);
  if (composed.kind === "invalid") throw refused(composed.problems.join("; "));
  const isLayout = layoutOf(composed.recipe) !== null;
  const other = otherSettings(
    composed,
    origin.recipe,
    { settings, named },
    isLayout ? ["layout"] : changeable,
  );
  if (other.length > 0)
    throw refused(
      isLayout
        ? `${other.join(", ")}: a layout changes nothing else of ${origin.dataset.name}; tokenize it first`
        : `${other.join(", ")}: the pictures of ${origin.dataset.name} are made; only recipe.text, recipe.turns and recipe.textPicture can be chosen`,
    );
  return remadeOf(origin, composed.recipe);
}

/**
 * What made an output's pictures, with the text or in the layout of a recipe. A Failure `wrong_use` tells what the output does not have
 * (any more: it may have been made anew since).
 */
export function remadeOf(
  { recipe, dataset }: BuildRecord,
  { text, turns, textPicture, layout }: Recipe,
): Recipe {
  const lacking = (why: string): Failure =>
    new Failure("wrong_use", `${dataset.name} ${why}`, { where: { dataset: dataset.name } });
  if (layoutOf(recipe) !== null)
    throw lacking(`has the layout ${recipe.layout}: name the output that it was made of`);
  if (layout !== undefined) return { ...recipe, layout };
  if (recipe.text.format === "tokens" && !recipe.text.keepRaw)
    throw lacking("was made without its texts (recipe.text.keepRaw): nothing can be tokenized anew");
  if (recipe.turns === "each" && turns === "together")
    throw lacking("has each turn apart (recipe.turns): they cannot be put together again");
  return { ...recipe, text, turns, textPicture };
}

/** Settings that were asked for, cannot be had, and are not what the samples have anyway. */
function otherSettings(
  { recipe }: Extract<RecipeResult, { kind: "ok" }>,
  made: Recipe,
  { settings, named }: Pick<BuildRequest, "settings" | "named">,
  choices: readonly string[],
): string[] {
  const asked = [
    ...settings.map((setting) => setting.replace(/^recipe\./, "").split(/[.=]/)[0] ?? ""),
    ...Object.keys(named?.recipe ?? {}),
  ];
  const settingOf = (of: Recipe, name: string) =>
    hashOf(Object.entries(of).find(([key]) => key === name)?.[1] ?? null);
  return [...new Set(asked)]
    .filter((name) => !choices.includes(name) && settingOf(recipe, name) !== settingOf(made, name))
    .map((name) => `recipe.${name}`);
}
