import {
  Failure,
  type MediaIncident,
  type MediaPool,
  type Recipe,
  Semaphore,
  type Toolchain,
} from "@shardmill/core";
import { openMediaPool, readToolchain } from "@shardmill/media";
import {
  copiesSamples,
  MemberBuffers,
  type MillTools,
  millShard,
  OpenBuilds,
  type OtherOutput,
  OutputSpace,
  SeenOutputs,
  type SpaceLimits,
  type Surroundings,
  shardTaskSchema,
} from "@shardmill/pipeline";
import type { JobContext, MillQueue, RunningWorker, ShardTask } from "@shardmill/queue";
import type { Logger } from "pino";
import { type Refusal, Refusals } from "./refusals.ts";
import { TextPools } from "./text-pools.ts";

export interface MillWorkerOptions {
  readonly queue: MillQueue;
  readonly surroundings: Surroundings;
  /** Clips decoded at once; one media child each. */
  readonly clips: number;
  /** Shards under way at once, so that the next one reads while the last clips of one are decoded. */
  readonly shards: number;
  /** Member bytes held in memory over all shards. */
  readonly memoryBytes: number;
  readonly childMemoryMb: number;
  /** What may be written at most; a shard that does not fit waits without using an attempt. */
  readonly space: SpaceLimits;
  readonly log: Logger;
  readonly onIncident?: (incident: MediaIncident) => void;
}

export interface MillWorker {
  readonly running: RunningWorker;
  /** Builds of which it takes no job, as far as it has met them. */
  refuses(): readonly (Refusal | OtherOutput)[];
  close(options: { readonly drain: boolean }): Promise<void>;
}

/** Takes shard jobs. Owns the media children. */
export async function startMillWorker(options: MillWorkerOptions): Promise<MillWorker> {
  const builds = new OpenBuilds(options.surroundings);
  const buffers = new MemberBuffers(options.memoryBytes);
  const shared = {
    budget: new Semaphore(options.memoryBytes - buffers.keptBytes),
    ...{ buffers, space: new OutputSpace(options.space) },
  };
  const pools = new Pools(options);
  const texts = new TextPools(options.clips);
  const refusals = new Refusals(options.log);
  const outputs = new SeenOutputs(options.surroundings, (other) =>
    options.log.warn(other, "this worker does not see the build's output and takes no job of it"),
  );
  await refusals.lookAhead(builds);
  const running = await options.queue.runWorker({
    role: "mill",
    name: `${options.surroundings.worker}/mill`,
    concurrency: options.shards,
    handlers: {
      millShard: (task, context) =>
        outputs.during(task, context.mark, () =>
          mill({ builds, pools, texts, refusals, shared, log: options.log }, task, context),
        ),
    },
  });
  return {
    running,
    refuses: () => [...refusals.all(), ...outputs.others()],
    async close(how) {
      await running.close(how);
      await pools.close();
      await texts.close();
      await builds.close();
    },
  };
}

interface Bench {
  readonly builds: OpenBuilds;
  readonly pools: Pools;
  readonly texts: TextPools;
  readonly refusals: Refusals;
  readonly shared: Pick<MillTools, "budget" | "buffers" | "space">;
  readonly log: Logger;
}

async function mill(
  { builds, pools, texts, refusals, shared, log }: Bench,
  task: ShardTask,
  { signal, attempt, progress }: JobContext,
) {
  const context = await builds.get(task.dataset, signal);
  const { pool, toolchain } = await pools.get(context.build.recipe.decoder);
  refusals.check(context.build, toolchain);
  const tools = {
    ...shared,
    ...{ pool, toolchain, onProgress: progress },
    texts:
      context.tokenizer === null || copiesSamples(context.build) ? null : await texts.get(context.tokenizer),
  };
  const ends = await millShard(
    context,
    { part: task, task: shardTaskSchema.parse(task.payload) },
    tools,
    signal,
  ).catch((error: unknown) => {
    if (error instanceof Failure && error.code === "output_full")
      log.warn({ dataset: task.dataset, part: task.label, detail: error.message }, "no space for the output");
    throw error;
  });
  for (const { kind, manifest } of ends) {
    if (kind === "already") continue;
    const { shard, samples, counts, made } = manifest;
    log.info(
      {
        dataset: task.dataset,
        build: task.build,
        part: task.label,
        shard,
        attempt,
        samples,
        failed: counts.failed,
        seconds: made.seconds,
      },
      "shard committed",
    );
  }
  return {
    shards: ends.map((end) => ({ shard: end.manifest.shard, kind: end.kind, samples: end.manifest.samples })),
  };
}

/** One pool of media children per decoder, opened when the first shard asks for it. */
class Pools {
  readonly #options: MillWorkerOptions;
  readonly #open = new Map<Recipe["decoder"], Promise<{ pool: MediaPool; toolchain: Toolchain }>>();

  constructor(options: MillWorkerOptions) {
    this.#options = options;
  }

  get(decoder: Recipe["decoder"]): Promise<{ pool: MediaPool; toolchain: Toolchain }> {
    const opening = this.#open.get(decoder) ?? this.#make(decoder);
    this.#open.set(decoder, opening);
    opening.catch(() => this.#open.delete(decoder));
    return opening;
  }

  async #make(decoder: Recipe["decoder"]): Promise<{ pool: MediaPool; toolchain: Toolchain }> {
    const { clips, childMemoryMb, log, onIncident } = this.#options;
    const pool = await openMediaPool({
      size: clips,
      decoder,
      memoryLimitMb: childMemoryMb,
      onIncident: (incident) => {
        log.warn(
          { member: incident.clip, code: incident.code, attempt: incident.attempt, detail: incident.detail },
          "media child lost",
        );
        onIncident?.(incident);
      },
    });
    return { pool, toolchain: await readToolchain(decoder) };
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values()) {
      await opening.then(
        ({ pool }) => pool.close(),
        () => undefined,
      );
    }
  }
}
