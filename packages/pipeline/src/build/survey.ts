import { discoverParts } from "@shardmill/catalogue";
import {
  asOutput,
  composeRecipe,
  type Dataset,
  Failure,
  type FileIdentity,
  furtherSources,
  type PartId,
  type PartsFound,
  type Recipe,
  type RecordedPlace,
  requireParts,
  type Source,
} from "@shardmill/core";
import type { SourceSpec } from "@shardmill/sources";
import { openStore } from "@shardmill/store";
import { openSourceOf, type Surroundings } from "../context/build-context.ts";
import { openPlaces, placeLocation, placeSpec } from "../context/source-places.ts";
import type { BuildRequest, NewBuild } from "./build-request.ts";
import { refuseLayout, refuseOtherTokens, refuseRows, refuseWhere } from "./refuse-other.ts";
import { remadeOf, remadeRecipe, surveyOutput } from "./survey-output.ts";

/** What the listing shows for a request; nothing has been written. */
export interface Survey {
  readonly source: Source;
  readonly spec: SourceSpec | OutputSpec;
  /** Further places of the entry, as they were opened. */
  readonly places: readonly RecordedPlace[];
  readonly dataset: Dataset;
  readonly recipe: Recipe;
  readonly found: PartsFound;
  readonly selected: readonly PartId[];
}

/** Another output of the same root. */
interface OutputSpec {
  readonly kind: "output";
  readonly output: string;
}

/** What is done of the output that a request names as its origin. */
async function surveyOrigin(request: NewBuild, output: string, surroundings: Surroundings): Promise<Survey> {
  const { origin, source, parts } = await surveyOutput(await openStore(surroundings.outRoot), output);
  const found = { parts, remarks: [], annotationFiles: [], clashes: [] };
  const { again } = request;
  const recipe = again === undefined ? remadeRecipe(origin, request) : remadeOf(origin, again.recipe);
  refuseLayout(origin.dataset, recipe);
  if (again !== undefined) refuseOtherTokens(origin, again);
  return {
    source,
    spec: { kind: "output", output },
    places: [],
    // What the origin is made with now: another recipe there is another one here.
    dataset: asOutput(origin.dataset, request.dataset.name),
    recipe,
    found,
    selected: selectParts(request, found),
  };
}

/** Looks at where a request's samples come from: a source, or another output. */
export function survey(
  request: NewBuild,
  surroundings: Surroundings,
  signal: AbortSignal,
  onListed?: (files: number) => void,
): Promise<Survey> {
  const { again, origin } = request;
  const output = again?.source.kind === "output" ? again.source.location : origin;
  return output === undefined
    ? surveySource(request, surroundings, signal, onListed)
    : surveyOrigin(request, output, surroundings);
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
  const open = (place: SourceSpec) => openSourceOf(place, surroundings, signal);
  const further = [...furtherSources(request.dataset).values()].map((place) =>
    placeSpec(place, surroundings),
  );
  const { source, recorded } = await openPlaces(await open(spec), further, open);
  const files: FileIdentity[] = [];
  for await (const file of source.list(signal)) {
    files.push(file);
    if (files.length % 100 === 0) onListed(files.length);
  }
  onListed(files.length);
  const discovered = discoverParts(request.dataset, files, request.parts === null);
  const passedOver = source.passedOver?.() ?? [];
  const found = { ...discovered, remarks: [...passedOver, ...discovered.remarks] };
  if (request.parts === null) requireSomething(request.dataset, source, { found, files }, surroundings);
  return {
    source,
    spec,
    places: recorded,
    dataset: request.dataset,
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
  // Of a benchmark somebody may have the questions alone, which is told of each.
  if (parts.some((part) => part.kind === "absent" && part.code === "media_not_fetched")) return;
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
  if (composed.kind === "ok") {
    refuseRows(dataset, composed.recipe);
    refuseLayout(dataset, composed.recipe);
    refuseWhere(dataset, composed.recipe);
    return composed.recipe;
  }
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

export function locationOf(spec: SourceSpec | OutputSpec): string {
  return spec.kind === "output" ? spec.output : placeLocation(spec);
}
