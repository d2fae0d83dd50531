import { resolve } from "node:path";
import { fileFilter, type Presets } from "@shardmill/catalogue";
import { Failure, type ModelEntry, type Source, systemClock } from "@shardmill/core";
import { type GetResult, getModel } from "@shardmill/models";
import { openSource } from "@shardmill/sources";
import type { CommandContext } from "../context/command-context.ts";
import { surroundingsOf } from "../context/surroundings.ts";
import { exitCodes } from "../process/exit-code.ts";
import { GetProgress } from "../screen/get-progress.ts";
import { endLines, resultJson } from "../screen/get-result.ts";

export interface GetOptions {
  readonly out: string;
  readonly revision?: string;
  readonly all?: true;
  readonly maxBandwidth?: number;
  readonly json?: true;
}

export async function getModelFiles(
  context: CommandContext,
  word: string,
  options: GetOptions,
): Promise<void> {
  const { console, settings, signal } = context;
  const { entry, repo } = modelOf(word, await context.presets());
  const revision = options.revision ?? entry?.revision ?? "main";
  const { hubEndpoint: endpoint, hubToken: token } = settings;
  const surroundings = surroundingsOf(settings, { out: ".", maxBandwidth: options.maxBandwidth });
  const spec = { kind: "hub", type: "model", repo, revision, endpoint, token } as const;
  const source = await openSource(spec, surroundings, signal);
  const commit = source.revision ?? revision;
  const title = console.paint("bold", entry?.title ?? repo);
  if (options.json !== true) console.out(`${title} (${repo} at ${commit.slice(0, 12)})`);
  const began = performance.now();
  const result = await fetched(context, source, entry, options);
  const seconds = (performance.now() - began) / 1000;
  const model = { entry, repo, revision: commit, page: `${endpoint}/${repo}` };
  if (options.json === true) console.json(resultJson(model, resolve(options.out), result));
  else for (const line of endLines(model, { out: options.out, seconds }, result)) console.out(line);
  const isWhole = result.files.every(({ state }) => state !== "failed");
  context.setExitCode(isWhole ? exitCodes.ok : exitCodes.withFailures);
}

/** An entry by its name or its repository, else any repository. */
function modelOf(word: string, presets: Presets): { entry: ModelEntry | null; repo: string } {
  if (!word.includes("/")) {
    const entry = presets.model(word);
    return { entry, repo: entry.repo };
  }
  if (!/^[\w-][\w.-]*\/[\w-][\w.-]*$/.test(word))
    throw new Failure("wrong_use", `expected a model of the list or owner/name, found ${word}`);
  const entry = presets.models().find(({ repo }) => repo.toLowerCase() === word.toLowerCase());
  return { entry: entry ?? null, repo: entry?.repo ?? word };
}

async function fetched(
  { console, signal }: CommandContext,
  source: Source,
  entry: ModelEntry | null,
  { out, all, json }: GetOptions,
): Promise<GetResult> {
  const patterns = all === true ? undefined : entry?.files;
  const progress = new GetProgress(console, { isQuiet: json === true });
  const options = {
    dir: resolve(out),
    isWanted: patterns === undefined ? () => true : fileFilter(patterns),
    clock: systemClock,
    onListed: progress.listed.bind(progress),
    onBytes: progress.bytes.bind(progress),
    onFile: progress.ended.bind(progress),
    onWait: () => progress.waits(out),
  };
  try {
    return await getModel(source, options, signal);
  } catch (error) {
    progress.stopped();
    throw error;
  } finally {
    progress.close();
  }
}
