import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import {
  collectWord,
  parseAmount,
  parseBytes,
  parseCount,
  parseFolder,
  parseOutputName,
  parseParts,
} from "./parse-options.ts";

/** Options that several commands share, said once. */
export function outOption(): Option {
  return new Option("--out <dir>", "output folder").argParser(parseFolder).default("out");
}

/** Of a command that only looks at what has been built. */
export function placeOption(): Option {
  return new Option("--out <place>", "output folder, or s3://bucket/prefix").default("out");
}

/** What is taken where shards are sent to a bucket. */
export function scratchOption(): Option {
  return new Option(
    "--scratch <dir>",
    "of a bucket: folder for shards until they are sent, room for those under way and the annotation index (SHARDMILL_SCRATCH)",
  );
}

/** Where a bucket is not trusted to keep conditions. */
export function singleWriterOption(): Option {
  return new Option(
    "--single-writer",
    "of a bucket whose store ignores conditions: nothing else writes there meanwhile",
  );
}

/** Of a command that writes into an output. */
export function addBucketOptions(command: Command): Command {
  return command.addOption(scratchOption()).addOption(singleWriterOption());
}

/** The name that an output is made under. */
export function asOption(): Option {
  return new Option("--as <name>", "name of the output: of its folder and its shards").argParser(
    parseOutputName,
  );
}

/** How parts are named, in every option that takes some. */
export const partExamples = "0,72-74, p0072-p0074, ai2d:0-3 or ai2d-p0010";

/** Settings of the recipe. */
export interface RecipeOptions {
  readonly set: string[];
  readonly recipe?: string;
}

export interface RequestOptions extends RecipeOptions {
  readonly parts?: string;
  readonly subsets?: string;
  readonly preset?: string;
  readonly source?: string;
  readonly where?: string;
}

export function addRecipeOptions(command: Command): Command {
  return command
    .option("--recipe <name>", "settings under a name, such as seed-stage2 (see: shardmill recipes)")
    .addOption(
      new Option("--set <key=value>", "change a setting of the recipe (repeatable)")
        .argParser(collectWord)
        .default([], "none"),
    );
}

export function addRequestOptions(command: Command): Command {
  const asked = command
    .option("--parts <list>", `parts, such as ${partExamples}`, parseParts)
    .option(
      "--subsets <list>",
      "subsets, such as ai2d,vqav2; a name with commas as it is, or in quotes: '\"a,b\"'",
    )
    .option("--preset <name>", "a named choice of subsets from the catalogue")
    .option("--source <dir>", "a local folder laid out like the repository, instead of the Hub")
    .option(
      "--where <expr>",
      "only samples that this holds for, such as 'duration >= 5 and caption contains \"dog\"' (recipe.where)",
    );
  return addRecipeOptions(asked);
}

interface NetworkOptions {
  readonly maxBandwidth?: number;
  readonly cache?: string;
  readonly cacheLimit?: number;
}

/** The settings of a request, in the order in which they count. */
export function settingsOf({ set, where }: Pick<RequestOptions, "set" | "where">): string[] {
  return where === undefined ? [...set] : [...set, `where=${where}`];
}

export function bandwidthOption(): Option {
  return new Option("--max-bandwidth <bytes>", "bytes a second to download at most, such as 50MB").argParser(
    parseAmount(1_000, "1kB"),
  );
}

export function addNetworkOptions(command: Command): Command {
  return command
    .addOption(bandwidthOption())
    .option("--cache <dir>", "keep whole parts here for later builds with another recipe")
    .addOption(
      new Option("--cache-limit <bytes>", "size of the cache")
        .argParser(parseBytes)
        .default(200_000_000_000, "200GB"),
    );
}

interface CapacityOptions {
  readonly workers: number;
  readonly perProcess?: number;
  readonly memory: number;
  readonly childMemory: number;
  readonly minFree?: number;
  readonly maxOutput?: number;
}

export interface WorkOptions extends NetworkOptions, CapacityOptions {}

/** What one process can feed: its main thread takes some ms for each MB of clips (docs/benchmarks.md, feed). */
export const clipsAProcess = 20;

/** How much a worker may take of its machine. */
export function addCapacityOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--workers <n>", "clips decoded at once")
        .argParser(parseCount)
        .default(availableParallelism(), "one per core"),
    )
    .addOption(
      new Option(
        "--per-process <n>",
        "of those, how many one process feeds; beyond it further ones are started",
      )
        .argParser(parseCount)
        .default(clipsAProcess),
    )
    .addOption(
      new Option("--memory <bytes>", "member bytes held in memory, by all processes together")
        .argParser(parseAmount(1_000_000, "1MB"))
        .default(512_000_000, "512MB"),
    )
    .addOption(
      new Option("--child-memory <bytes>", "memory of one media child")
        .argParser(parseAmount(10_000_000, "10MB"))
        .default(1_000_000_000, "1GB"),
    )
    .option("--min-free <bytes>", "leave this much of the output disk free (default: nothing)", parseBytes)
    .option("--max-output <bytes>", "finished shards of a dataset take this much at most", parseBytes);
}

export interface NotifyOptions {
  readonly onEnd?: string;
  readonly webhook?: string;
  readonly webhookHost?: string[];
}

/** Whom to tell of the end of a build, a failed part and a standstill. */
export function addNotifyOptions(command: Command): Command {
  return command
    .option("--on-end <command>", "run this at the end of a build, at a failed part and at a standstill")
    .option("--webhook <url>", "tell this address of the same, signed with SHARDMILL_WEBHOOK_SECRET")
    .addOption(
      new Option("--webhook-host <name>", "a host that the webhook may be on (repeatable)")
        .argParser(collectWord)
        .default([], "none"),
    );
}

/** How much the local worker of a build may take. */
export function addWorkOptions(command: Command): Command {
  return addNetworkOptions(addCapacityOptions(command));
}

/** What commands take that make the samples of a finished output again; `of` names what decides their shards beside the source. */
export function addRemakeOptions(command: Command, of: "layout" | "recipe"): Command {
  const remade = command
    .addOption(asOption().makeOptionMandatory())
    .option("--parts <list>", `parts, such as ${partExamples}`, parseParts)
    .option("--rebuild", `replace shards of another ${of} or source`)
    .option(
      "--accept-terms",
      "accept the conditions of the dataset, if that was not done for the other output",
    )
    .option("--detach", "only enqueue at REDIS_URL; workers there make it")
    .option("--json", "print the end as JSON, like status --json");
  return addNotifyOptions(addWorkOptions(remade));
}
