import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { outputOf } from "@shardmill/catalogue";
import {
  type Dataset,
  expectedMembers,
  Failure,
  type PartListing,
  partLabel,
  requireParts,
} from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import {
  closeAnnotationIndexes,
  type NewBuild,
  openBuild,
  type PlannedPart,
  planBuild,
  planPart,
  refuseClashes,
  type Survey,
  surveySource,
} from "@shardmill/pipeline";
import { type RequestOptions, settingsOf } from "../commands/shared-options.ts";
import type { CommandContext } from "../context/command-context.ts";
import { requestPresets } from "../context/request-presets.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { subsetCells } from "../screen/subset-column.ts";
import { safeText } from "../text/clean-text.ts";
import { bytesText, countText } from "../text/format.ts";
import { selectParts } from "./select-parts.ts";

export interface PlanOptions extends RequestOptions {
  readonly as?: string;
  readonly exact?: true;
  readonly json?: true;
}

/** A line of the plan. Figures are estimates from the catalogue unless the directories were read. */
interface PlanRow {
  readonly part: string;
  readonly subset: string | null;
  readonly state: "present" | "absent";
  readonly pieces: number;
  readonly bytes: number;
  readonly members: number | null;
  readonly samples: number | null;
  readonly shards: number | null;
  readonly outputBytes: number | null;
  readonly isEstimate: boolean;
  readonly reason: string | null;
}

export async function showPlan(context: CommandContext, name: string, options: PlanOptions): Promise<void> {
  const { console, signal } = context;
  const dataset = outputOf(await context.catalogue(), name, options.as);
  if (options.source !== undefined && !existsSync(options.source))
    throw new Failure("wrong_use", `--source ${options.source} does not exist`);
  const request: NewBuild = {
    dataset,
    sourceFolder: options.source === undefined ? null : resolve(options.source),
    parts: selectParts(dataset, options),
    settings: settingsOf(options),
    ...(await requestPresets(context, options.recipe)),
    rebuild: false,
    toolchain: (decoder) => readToolchain(decoder),
  };
  const surroundings = surroundingsOf(context.settings, { out: tmpdir() });
  const survey = await surveySource(request, surroundings, signal);
  const exact =
    options.exact === true ? await planExactly(context, request, survey) : new Map<string, PlannedPart>();
  const shown = requireParts(dataset, survey.found.parts, request.parts);
  const rows = shown.map((part) => planRow(dataset, survey, part, exact.get(part.label)));
  if (options.json === true) {
    console.json({
      dataset: dataset.name,
      source: survey.source.name,
      revision: survey.source.revision,
      places: survey.places.map(({ name, revision }) => ({ source: name, revision })),
      recipe: survey.recipe,
      parts: rows,
      remarks: survey.found.remarks,
    });
  } else printPlan(context, survey, rows);
  // The parts can be listed; a build would not begin.
  refuseClashes(dataset, survey);
}

/** Plans into a folder that goes away afterwards: the real output knows nothing of it. */
async function planExactly(
  context: CommandContext,
  request: NewBuild,
  survey: Survey,
): Promise<Map<string, PlannedPart>> {
  const scratch = await mkdtemp(join(tmpdir(), "shardmill-plan-"));
  try {
    const surroundings = surroundingsOf(context.settings, { out: scratch });
    await planBuild(request, surroundings, context.signal);
    const build = await openBuild(request.dataset.name, surroundings, context.signal);
    const planned = new Map<string, PlannedPart>();
    for (const part of survey.found.parts) {
      const isWanted = part.kind === "present" && survey.selected.some((id) => partLabel(id) === part.label);
      if (isWanted) planned.set(part.label, await planPart(build, part, context.signal));
    }
    await closeAnnotationIndexes(build);
    return planned;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function planRow(
  dataset: Dataset,
  { recipe }: Survey,
  part: PartListing,
  exact: PlannedPart | undefined,
): PlanRow {
  if (part.kind === "absent") {
    const nothing = { pieces: 0, bytes: 0, members: null, samples: null, shards: null, outputBytes: null };
    return {
      part: part.label,
      subset: part.subset,
      state: "absent",
      ...nothing,
      isEstimate: false,
      reason: `${part.code}: ${part.reason}`,
    };
  }
  const { annotatedShare, bytesPerSample } = dataset.expected;
  const members = exact === undefined ? expectedMembers(dataset, part.sizeBytes) : exact.plan.members;
  const samples =
    exact === undefined
      ? members === null
        ? null
        : Math.round(members * annotatedShare)
      : sum(exact.plan.ranges.map((r) => r.members));
  const shards =
    exact === undefined
      ? samples === null
        ? null
        : Math.ceil(samples / recipe.samplesPerShard)
      : exact.plan.ranges.length;
  return {
    part: part.label,
    subset: part.subset,
    state: "present",
    pieces: part.pieces.length,
    bytes: part.sizeBytes,
    members,
    samples,
    shards,
    outputBytes: samples === null ? null : samples * bytesPerSample,
    isEstimate: exact === undefined,
    reason: null,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function placeText({ name, revision }: { readonly name: string; readonly revision: string | null }): string {
  return revision === null ? name : `${name} at ${revision.slice(0, 12)}`;
}

function printPlan(
  { console }: CommandContext,
  { source, places, found }: Survey,
  rows: readonly PlanRow[],
): void {
  console.out(`${console.paint("bold", "plan")} of ${[source, ...places].map(placeText).join(", and ")}`);
  const about = (row: PlanRow, text: string): string => (row.isEstimate && text !== "" ? `~${text}` : text);
  const number = (value: number | null): string => (value === null ? "" : countText(value));
  const subsets = subsetCells(rows.map(({ subset }) => subset));
  const hasSubsets = (subsets[0]?.length ?? 0) > 0;
  const cells = rows.map((row, index) => [
    row.part,
    ...(subsets[index] ?? []),
    row.state,
    row.pieces === 0 ? "" : String(row.pieces),
    row.state === "absent" ? "" : bytesText(row.bytes),
    about(row, number(row.members)),
    about(row, number(row.samples)),
    about(row, number(row.shards)),
    row.outputBytes === null ? "" : `~${bytesText(row.outputBytes)}`,
    safeText(row.reason ?? ""),
  ]);
  const figures = ["pieces", "bytes", "members", "samples", "shards", "output"];
  console.table(["part", ...(hasSubsets ? ["subset"] : []), "state", ...figures, ""], cells, [
    "left",
    ...(hasSubsets ? (["left"] as const) : []),
    "left",
    ...figures.map(() => "right" as const),
    "left",
  ]);
  console.out(sumLine(rows));
  const present = rows.filter((row) => row.state === "present");
  if (present.some((row) => row.isEstimate)) {
    const what = present.some(({ members }) => members !== null)
      ? "~ estimated from the catalogue"
      : "what is in them is unknown";
    console.out(console.paint("dim", `${what}; --exact reads directories and captions`));
  }
  for (const remark of found.remarks) console.out(`note: ${safeText(remark)}`);
}

function sumLine(rows: readonly PlanRow[]): string {
  const present = rows.filter((row) => row.state === "present");
  const pieces = present.filter((row) => row.pieces > 1).length;
  const known = present.flatMap(({ outputBytes }) => outputBytes ?? []);
  const output =
    known.length === present.length ? `about ${bytesText(sum(known))} of shards` : "shards of unknown size";
  return `${countText(present.length)} parts (${pieces} in pieces), ${bytesText(sum(present.map((row) => row.bytes)))} to read, ${output}; ${rows.length - present.length} absent`;
}
