import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type BuildRecord, Failure, type PartId, partLabel, recordVersion } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { planBuild, refuseOtherForm, withAsked } from "@shardmill/pipeline";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { parseProgress, type UnderstoodProgress } from "../adopt/parse-progress.ts";
import type { CommandContext } from "../context/command-context.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { plural } from "../text/format.ts";
import { shellCommand } from "../text/shell-command.ts";
import { partsOf } from "./select-parts.ts";

export interface AdoptOptions {
  readonly out: string;
  readonly parts?: string;
  readonly progress?: string;
  readonly source?: string;
}

export async function adopt(context: CommandContext, name: string, options: AdoptOptions): Promise<void> {
  const { console } = context;
  if ((options.parts === undefined) === (options.progress === undefined))
    throw new Failure("wrong_use", "say which parts were built elsewhere: --parts 0-72 or --progress FILE");
  const progress = options.progress === undefined ? null : await readProgress(options.progress);
  if (progress !== null) console.note(progress.remark);
  const { records, build } = await openOrPlan(context, name, options);
  const wanted = progress === null ? partsOf(build, options.parts ?? "") : partsDone(build, progress);
  if (wanted.length === 0) throw new Failure("wrong_use", `${name} has none of these parts`);
  const sorted = await sortOut(records, wanted);
  // What was adopted is a share of the whole dataset: what is missing is the rest of that.
  if (build.asked.everything !== true) await records.writeBuild(withAsked(build, true, []));
  for (const part of sorted.adopted) await mark(records, build, part);
  console.out(
    `taken as done, built elsewhere and unverified: ${plural(sorted.adopted.length, "part")} of ${name}`,
  );
  for (const { label, why } of sorted.left) console.note(`left alone: ${label}, ${why}`);
  console.out(`build the rest:  ${shellCommand("shardmill", "build", name, "--out", options.out)}`);
}

async function readProgress(file: string): Promise<UnderstoodProgress> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    throw new Failure("wrong_use", `--progress ${file} cannot be read`);
  }
  return parseProgress(text, file);
}

/** The build of this folder; where there is none, the source is listed and one is written down, and nothing started. */
async function openOrPlan(
  context: CommandContext,
  name: string,
  options: AdoptOptions,
): Promise<{ records: Records; build: BuildRecord }> {
  const records = openRecords(await openStore(options.out), name);
  const recorded = await records.readBuild();
  if (recorded !== null) {
    refuseOtherForm(recorded);
    return { records, build: recorded };
  }
  if (options.source !== undefined && !existsSync(options.source))
    throw new Failure("wrong_use", `--source ${options.source} does not exist`);
  const dataset = (await context.catalogue()).get(name);
  context.console.note(
    `listing ${options.source ?? (dataset.source.kind === "hub" ? dataset.source.repo : name)} ...`,
  );
  const request = {
    dataset,
    sourceFolder: options.source === undefined ? null : resolve(options.source),
    parts: null,
    settings: [],
    rebuild: false,
    toolchain: (decoder: "libav" | "process") => readToolchain(decoder),
  };
  const { build } = await planBuild(request, surroundingsOf(context.settings, options), context.signal);
  return { records, build };
}

function partsDone(build: BuildRecord, progress: UnderstoodProgress): BuildRecord["parts"] {
  if (progress.done.length > 0 && build.parts.some((part) => part.subset !== null))
    throw new Failure(
      "wrong_use",
      `the parts of ${build.dataset.name} have subsets, and numbers alone do not name them; use --parts subset:0-3`,
    );
  const done = new Set(progress.done);
  return build.parts.filter((part) => done.has(part.part));
}

/** What has begun here has books of its own and is left alone. */
async function sortOut(
  records: Records,
  parts: BuildRecord["parts"],
): Promise<{ adopted: PartId[]; left: { label: string; why: string }[] }> {
  const adopted: PartId[] = [];
  const left: { label: string; why: string }[] = [];
  for (const part of parts) {
    const label = partLabel(part);
    if (part.absent !== null) left.push({ label, why: "the source does not have it" });
    else if ((await records.readPlan(part)) !== null)
      left.push({ label, why: "it was begun in this folder" });
    else adopted.push({ subset: part.subset, part: part.part });
  }
  return { adopted, left };
}

async function mark(records: Records, { build }: BuildRecord, { subset, part }: PartId): Promise<void> {
  await records.writePartEnd({
    version: recordVersion,
    subset,
    part,
    state: "adopted",
    code: null,
    detail: "built elsewhere, unverified",
    endedAt: new Date().toISOString(),
    build,
  });
}
