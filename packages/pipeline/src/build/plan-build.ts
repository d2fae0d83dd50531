import {
  type BuildRecord,
  Failure,
  type Manifest,
  type Recipe,
  recipeHash,
  recordVersion,
  writtenCatalogueFields,
} from "@shardmill/core";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { askedAfter } from "../books/asked-parts.ts";
import type { Surroundings } from "../context/build-context.ts";
import { type BuildTokenizer, keepTokenizer, recordedTokenizer } from "../context/recorded-tokenizer.ts";
import type { NewBuild } from "./build-request.ts";
import { refuseClashes, refuseForeignLabels, withoutClashing } from "./check-names.ts";
import { tokenizerOfEntry, tokenizerOfFolder } from "./find-tokenizer.ts";
import { recordSourceNow } from "./look-at-source.ts";
import { recordedParts, vanishedRemarks } from "./recorded-parts.ts";
import { refuseOtherEntry, refuseOtherRecipe } from "./refuse-other.ts";
import { refuseOtherForm } from "./refuse-other-form.ts";
import { locationOf, type Survey, survey } from "./survey.ts";

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

/** What makes tokens of the texts, by the recipe; of a layout, what made them; of a recorded build, what lies beside its records. */
async function tokenizerOf(
  { again, tokenizers }: NewBuild,
  { recipe: { text, layout }, spec }: Survey,
  records: Records,
  { surroundings, signal }: { readonly surroundings: Surroundings; readonly signal: AbortSignal },
): Promise<BuildTokenizer | null> {
  if (text.format === "raw") return null;
  if (again !== undefined) return recordedTokenizer(records, again);
  // Its tokens are made: what made them is said beside the other output.
  if (spec.kind === "output" && layout !== undefined) {
    const origin = openRecords(records.store, spec.output);
    return recordedTokenizer(origin, { tokenizer: (await origin.readBuild())?.tokenizer ?? null });
  }
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
  const store = await openStore(surroundings.outRoot);
  const records = openRecords(store, request.dataset.name, { isLook: surroundings.isLook });
  const before = await records.readBuild();
  if (before !== null) refuseOtherEntry(request, before);
  const listed = await survey(request, surroundings, signal, onListed);
  const surveyed = again === undefined ? listed : { ...listed, selected: again.selected };
  const { dataset, recipe, source } = surveyed;
  refuseClashes(dataset, surveyed);
  if (!request.rebuild && before !== null) refuseOtherForm(before);
  await refuseForeignLabels(dataset, surveyed.selected, records);
  const manifests = before === null ? [] : await records.listManifests();
  const tokenizer = await tokenizerOf(request, surveyed, records, { surroundings, signal });
  const hash = recipeHash(recipe, writtenCatalogueFields(dataset), tokenizer?.recorded.identity ?? null);
  // Looked at again, shards of another recipe are what a rebuild has left: stale, and told as such.
  if (!request.rebuild && again === undefined && before?.recipeHash !== hash)
    refuseOtherRecipe(dataset, hash, manifests);
  const plans = before === null ? [] : await records.listPlans();
  const toolchain = await request.toolchain(recipe.decoder);
  const now = surroundings.clock.now();
  const build = recordOf(request, { survey: surveyed, tokenizer, before, manifests, hash, toolchain, now });
  const view = { build, dataset, source, store, records, surroundings, tokenizer: tokenizer?.parts ?? null };
  return { build: await recordSourceNow(view, plans, signal), survey: surveyed, tokenizer };
}

interface Found {
  readonly survey: Survey;
  readonly tokenizer: BuildTokenizer | null;
  readonly before: BuildRecord | null;
  readonly manifests: readonly Manifest[];
  readonly hash: string;
  readonly toolchain: BuildRecord["toolchain"];
  readonly now: number;
}

/** The record of a build before its source is looked into. */
function recordOf(
  { again, parts, entry, named }: NewBuild,
  {
    survey: { dataset, spec, source, places, recipe, selected, ...listed },
    tokenizer,
    before,
    manifests,
    ...found
  }: Found,
): BuildRecord {
  const asked = again === undefined ? askedAfter(before, parts === null, selected) : again.asked;
  const listing = withoutClashing({ recipe, found: listed.found, selected }, asked.parts);
  return {
    version: recordVersion,
    // Several output folders may share one Redis: the time keeps their builds of one dataset apart.
    build: before?.build ?? `${dataset.name}-${found.now.toString(36)}`,
    dataset,
    source: {
      kind: spec.kind,
      name: source.name,
      revision: source.revision,
      location: locationOf(spec),
    },
    ...(places.length > 0 && { sources: [...places] }),
    entry: again === undefined ? (entry ?? null) : again.entry,
    recipe: recordedRecipe(recipe, tokenizer),
    recipeName: again === undefined ? (named?.name ?? null) : again.recipeName,
    recipeHash: found.hash,
    tokenizer: tokenizer?.recorded ?? null,
    annotationFiles: [...listed.found.annotationFiles],
    toolchain: found.toolchain,
    createdAt: before?.createdAt ?? new Date(found.now).toISOString(),
    parts: recordedParts(listing, before, manifests),
    selected: [...selected],
    asked,
    remarks: [...listing.remarks, ...vanishedRemarks(listing, before, manifests)],
  };
}

/** With the tokenizer's name in place of the folder that it was read from, which the hash does not know either. */
function recordedRecipe(recipe: Recipe, tokenizer: BuildTokenizer | null): Recipe {
  const { text } = recipe;
  if (text.format === "raw" || tokenizer === null) return recipe;
  return { ...recipe, text: { ...text, tokenizer: tokenizer.recorded.name } };
}
