import { discoverParts } from "@shardmill/catalogue";
import {
  type BuildRecord,
  composeRecipe,
  type Dataset,
  Failure,
  type FileIdentity,
  type Manifest,
  type PartId,
  type PartsFound,
  type Recipe,
  recipeHash,
  recordVersion,
  requireParts,
  type Source,
  writtenCatalogueFields,
} from "@shardmill/core";
import type { SourceSpec } from "@shardmill/sources";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { askedAfter } from "../books/asked-parts.ts";
import { openSourceOf, type Surroundings } from "../context/build-context.ts";
import { type BuildTokenizer, keepTokenizer, recordedTokenizer } from "../context/recorded-tokenizer.ts";
import type { BuildRequest, NewBuild } from "./build-request.ts";
import { refuseClashes, refuseForeignLabels, withoutClashing } from "./check-names.ts";
import { tokenizerOfEntry, tokenizerOfFolder } from "./find-tokenizer.ts";
import { recordSourceNow } from "./look-at-source.ts";
import { recordedParts, vanishedRemarks } from "./recorded-parts.ts";
import { refuseOtherForm } from "./refuse-other-form.ts";

/** What the listing shows for a request; nothing has been written. */
export interface Survey {
  readonly source: Source;
  readonly spec: SourceSpec;
  readonly recipe: Recipe;
  readonly found: PartsFound;
  readonly selected: readonly PartId[];
}

/** Lists the source at its resolved revision and finds the parts asked for. Asks for nothing but the listing. */
export async function surveySource(
  request: BuildRequest,
  surroundings: Surroundings,
  signal: AbortSignal,
  onListed: (files: number) => void = () => undefined,
): Promise<Survey> {
  const recipe = recipeOf(request);
  const spec = specOf(request, surroundings);
  const source = await openSourceOf(spec, surroundings, signal);
  const files: FileIdentity[] = [];
  for await (const file of source.list(signal)) {
    files.push(file);
    if (files.length % 100 === 0) onListed(files.length);
  }
  onListed(files.length);
  const discovered = discoverParts(request.dataset, files);
  const passedOver = source.passedOver?.() ?? [];
  const found = { ...discovered, remarks: [...passedOver, ...discovered.remarks] };
  if (request.parts === null) requireSomething(request.dataset, source, { found, files }, surroundings);
  return {
    source,
    spec,
    recipe,
    found,
    selected: selectParts(request, found),
  };
}

/** Nothing to do is no success: it tells of a wrong folder, a renamed series, links that lead nowhere. */
function requireSomething(
  dataset: Dataset,
  source: Source,
  { found, files }: { readonly found: PartsFound; readonly files: readonly FileIdentity[] },
  { roots }: Surroundings,
): void {
  const { parts, remarks } = found;
  if (parts.some(({ kind }) => kind === "present") || Object.keys(roots ?? {}).length > 0) return;
  const shown = files.slice(0, 5).map(({ path }) => path);
  const rest = files.length > shown.length ? `, and ${files.length - shown.length} more` : "";
  const has = files.length === 0 ? "it has no files" : `it has ${shown.join(", ")}${rest}`;
  const rules = dataset.parts.map(({ path }) => path).join(", ");
  throw new Failure(
    "source_not_found",
    `${source.name} has no part of ${dataset.name} (${rules}): ${[has, ...remarks.slice(0, 3)].join("; ")}`,
    { where: { dataset: dataset.name } },
  );
}

function recipeOf({ dataset, settings, named, again }: BuildRequest & Pick<NewBuild, "again">): Recipe {
  if (again !== undefined) return again.recipe;
  const composed = composeRecipe(dataset.recipe, settings, named?.recipe);
  if (composed.kind === "ok") return composed.recipe;
  throw new Failure("wrong_use", composed.problems.join("; "), { where: { dataset: dataset.name } });
}

function specOf(
  { dataset, sourceFolder }: BuildRequest,
  { hubEndpoint, hubToken }: Surroundings,
): SourceSpec {
  if (sourceFolder !== null) return { kind: "folder", path: sourceFolder };
  switch (dataset.source.kind) {
    case "hub":
      return { ...dataset.source, endpoint: hubEndpoint, token: hubToken };
    case "http":
      return dataset.source;
    case "folder":
      throw new Failure("wrong_use", `${dataset.name} has no place of its own; give --source DIR`, {
        where: { dataset: dataset.name },
      });
    default:
      return dataset.source satisfies never;
  }
}

function selectParts({ dataset, parts: asked }: BuildRequest, { parts }: PartsFound): PartId[] {
  if (asked === null) return parts.filter((part) => part.kind === "present").map(idOf);
  return requireParts(dataset, parts, asked).map(idOf);
}

function idOf({ subset, part }: PartId): PartId {
  return { subset, part };
}

export interface ComposedBuild {
  readonly build: BuildRecord;
  readonly survey: Survey;
  /** Kept beside the records before the build's own is written; null where no tokens are made. */
  readonly tokenizer: BuildTokenizer | null;
}

/** Composes `build.json` and writes it, for whoever holds the build lock already or has the folder to himself. */
export async function planBuild(
  request: NewBuild,
  surroundings: Surroundings,
  signal: AbortSignal,
  onListed?: (files: number) => void,
): Promise<ComposedBuild> {
  const composed = await composeBuild(request, surroundings, signal, onListed);
  const records = openRecords(await openStore(surroundings.outRoot), request.dataset.name);
  await keepParts(records, composed);
  await records.writeBuild(composed.build);
  return composed;
}

/** What a build's record names and workers read from beside it. By their content: what another build has kept stays. */
export async function keepParts(
  records: Records,
  { tokenizer }: Pick<ComposedBuild, "tokenizer">,
): Promise<void> {
  if (tokenizer !== null) await keepTokenizer(records, tokenizer);
}

/** What makes tokens of the texts, by the recipe; of a recorded build, what lies beside its records. */
async function tokenizerOf(
  { again, tokenizers }: NewBuild,
  { text }: Recipe,
  records: Records,
  { surroundings, signal }: { readonly surroundings: Surroundings; readonly signal: AbortSignal },
): Promise<BuildTokenizer | null> {
  if (text.format === "raw") return null;
  if (again !== undefined) return recordedTokenizer(records, again);
  const place = tokenizers?.(text.tokenizer);
  if (place === undefined) throw new Failure("wrong_use", `there is no tokenizer ${text.tokenizer} here`);
  return place.kind === "folder"
    ? tokenizerOfFolder(place.path)
    : tokenizerOfEntry(place.entry, records, surroundings, signal);
}

/**
 * Resolves a request into what `build.json` will say: revision, recipe, toolchain, parts. The record of an earlier build
 * of the same dataset is carried on; another recipe is refused unless a rebuild is asked for. Nothing is written: another
 * build may be running in this folder, whose record this must not change.
 */
export async function composeBuild(
  request: NewBuild,
  surroundings: Surroundings,
  signal: AbortSignal,
  onListed?: (files: number) => void,
): Promise<ComposedBuild> {
  const { again } = request;
  const listed = await surveySource(request, surroundings, signal, onListed);
  const survey = again === undefined ? listed : { ...listed, selected: again.selected };
  refuseClashes(request.dataset, survey);
  const store = await openStore(surroundings.outRoot);
  const records = openRecords(store, request.dataset.name);
  const before = await records.readBuild();
  if (!request.rebuild && before !== null) refuseOtherForm(before);
  await refuseForeignLabels(request.dataset, survey.selected, records);
  const manifests = before === null ? [] : await records.listManifests();
  const tokenizer = await tokenizerOf(request, survey.recipe, records, { surroundings, signal });
  const hash = recipeHash(
    survey.recipe,
    writtenCatalogueFields(request.dataset),
    tokenizer?.recorded.identity ?? null,
  );
  // With the recorded recipe, shards of another are what a rebuild of some parts has left: stale, and told as such.
  if (!request.rebuild && before?.recipeHash !== hash) refuseOtherRecipe(request.dataset, hash, manifests);
  const plans = before === null ? [] : await records.listPlans();
  const toolchain = await request.toolchain(survey.recipe.decoder);
  const asked =
    again === undefined ? askedAfter(before, request.parts === null, survey.selected) : again.asked;
  const found = withoutClashing(survey, asked.parts);
  const build: BuildRecord = {
    version: recordVersion,
    // Several output folders may share one Redis: the time keeps their builds of one dataset apart.
    build: before?.build ?? `${request.dataset.name}-${surroundings.clock.now().toString(36)}`,
    dataset: request.dataset,
    source: {
      kind: survey.spec.kind,
      name: survey.source.name,
      revision: survey.source.revision,
      location: locationOf(survey.spec),
    },
    recipe: recordedRecipe(survey.recipe, tokenizer),
    recipeName: again === undefined ? (request.named?.name ?? null) : again.recipeName,
    recipeHash: hash,
    tokenizer: tokenizer?.recorded ?? null,
    annotationFiles: [...survey.found.annotationFiles],
    toolchain,
    createdAt: before?.createdAt ?? new Date(surroundings.clock.now()).toISOString(),
    parts: recordedParts(found, before, manifests),
    selected: [...survey.selected],
    asked,
    remarks: [...found.remarks, ...vanishedRemarks(found, before, manifests)],
  };
  const view = {
    ...{ build, dataset: request.dataset, source: survey.source, store, records, surroundings },
    tokenizer: tokenizer?.parts ?? null,
  };
  return { build: await recordSourceNow(view, plans, signal), survey, tokenizer };
}

/** With the tokenizer's name in place of the folder that it was read from, which the hash does not know either. */
function recordedRecipe(recipe: Recipe, tokenizer: BuildTokenizer | null): Recipe {
  const { text } = recipe;
  if (text.format === "raw" || tokenizer === null) return recipe;
  return { ...recipe, text: { ...text, tokenizer: tokenizer.recorded.name } };
}

function refuseOtherRecipe({ name }: Dataset, wanted: string, manifests: readonly Manifest[]): void {
  const other = manifests.filter((manifest) => manifest.recipeHash !== wanted);
  if (other.length > 0)
    throw new Failure(
      "recipe_changed",
      `${other.length} shards in this output folder were made with another recipe`,
      { where: { dataset: name } },
    );
}

function locationOf(spec: SourceSpec): string {
  switch (spec.kind) {
    case "hub":
      return spec.endpoint;
    case "folder":
      return spec.path;
    case "http":
      return spec.base;
    default:
      return spec satisfies never;
  }
}
