import { type BuildRecord, Failure, type Toolchain } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import type { OpenBuilds } from "@shardmill/pipeline";
import type { Logger } from "pino";

/** A build of which this worker takes no job, and which versions are others. */
export interface Refusal {
  readonly build: string;
  readonly dataset: string;
  readonly code: "toolchain_mismatch";
  readonly why: string;
}

/**
 * One build, one toolchain: other libraries would give other bytes. What does not fit is said once in the log, and with
 * every heartbeat.
 */
export class Refusals {
  readonly #log: Logger;
  readonly #refused = new Map<string, Refusal>();

  constructor(log: Logger) {
    this.#log = log;
  }

  all(): readonly Refusal[] {
    return [...this.#refused.values()];
  }

  /** Looks at the builds that are in the output folder already, so that nobody waits for a first job to hear of it. */
  async lookAhead(builds: OpenBuilds): Promise<void> {
    for (const build of await builds.recorded()) {
      // A decoder that this machine does not have is told by the job that asks for it.
      const own = await readToolchain(build.recipe.decoder).catch(() => null);
      if (own !== null) this.#compare(build, own);
    }
  }

  check(build: BuildRecord, own: Toolchain): void {
    const refusal = this.#compare(build, own);
    if (refusal === null) return;
    throw new Failure("toolchain_mismatch", `this worker has ${refusal.why}`, {
      where: { dataset: refusal.dataset },
    });
  }

  #compare({ build, dataset, toolchain }: BuildRecord, own: Toolchain): Refusal | null {
    const names = Object.keys(own) as (keyof Toolchain)[];
    const differing = names.filter((name) => toolchain[name] !== own[name]);
    if (differing.length === 0) {
      this.#refused.delete(build);
      return null;
    }
    const why = differing.map((name) => `${name} ${own[name]}, the build has ${toolchain[name]}`).join("; ");
    const refusal = { build, dataset: dataset.name, code: "toolchain_mismatch" as const, why };
    if (this.#refused.get(build)?.why !== why)
      this.#log.warn(
        { build, dataset: dataset.name, why },
        "this worker has other versions than the build and takes no job of it",
      );
    this.#refused.set(build, refusal);
    return refusal;
  }
}
