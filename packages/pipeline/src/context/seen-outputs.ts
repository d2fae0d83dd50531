import { Failure } from "@shardmill/core";
import { openRecords, openStore, readOutputMark } from "@shardmill/store";
import type { Surroundings } from "./build-context.ts";

/** A build whose output this worker does not see, and what it sees instead. */
export interface OtherOutput extends OfBuild {
  readonly code: "output_differs";
  readonly why: string;
}

/** A build's job, as far as it says which output it is of. */
interface OfBuild {
  readonly build: string;
  readonly dataset: string;
}

/** Another owner may have marked the output anew between two looks. Where it is known to be another one, one look is enough. */
const looks = 3;
const lookAgainMs = 200;

/** These say themselves that it is not there. */
const saidAlready: ReadonlySet<string> = new Set(["output_away", "bucket_away", "bucket_refused"]);

/**
 * Whether this worker sees the output that a build is made in: the records there are the build's and have the mark that its
 * owner has told the queue. A folder that never was it is `output_differs`, and one that has shown it before and does not now
 * `output_away`: neither says anything against the job.
 */
export class SeenOutputs {
  readonly #outRoot: string;
  readonly #tell: (other: OtherOutput) => void;
  readonly #seen = new Set<string>();
  readonly #others = new Map<string, OtherOutput>();

  /** `tell` hears of each build once that has another output. */
  constructor({ outRoot }: Pick<Surroundings, "outRoot">, tell: (other: OtherOutput) => void) {
    this.#outRoot = outRoot;
    this.#tell = tell;
  }

  /** Builds that it met and has not the output of. */
  others(): readonly OtherOutput[] {
    return [...this.#others.values()];
  }

  /** Does the job if the output is the build's. Where it failed and the output is not there any more, that is why. */
  async during<T>(task: OfBuild, mark: () => Promise<string | null>, work: () => Promise<T>): Promise<T> {
    await this.#prove(task, mark);
    try {
      return await work();
    } catch (error) {
      if (error instanceof Failure) await this.mustStand(task, error);
      throw error;
    }
  }

  async #prove(task: OfBuild, mark: () => Promise<string | null>): Promise<void> {
    const enough = this.#others.has(task.build) ? 1 : looks;
    for (let look = 1; ; look += 1) {
      const why = await this.#unlike(task, await mark());
      if (why === null) break;
      if (look >= enough) throw this.#failure(task, why);
      await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
    }
    this.#seen.add(task.build);
    this.#others.delete(task.build);
  }

  /** After a failure: `output_away` where the output is not there any more, which is why. */
  async mustStand(task: OfBuild, cause: Failure): Promise<void> {
    if (saidAlready.has(cause.code)) throw cause;
    const why = await this.#unlike(task, null);
    if (why !== null)
      throw this.#failure(task, `${why} (met as ${cause.code}: ${cause.message})`.slice(0, 400));
  }

  #failure({ build, dataset }: OfBuild, why: string): Failure {
    const where = { dataset };
    if (this.#seen.has(build)) return new Failure("output_away", why, { where });
    const other = { build, dataset, code: "output_differs" as const, why };
    if (this.#others.get(build)?.why !== why) this.#tell(other);
    this.#others.set(build, other);
    return new Failure("output_differs", why, { where });
  }

  /** What is other than the build has it; null where nothing is. `word` null: nobody has told it. */
  async #unlike({ build, dataset }: OfBuild, word: string | null): Promise<string | null> {
    try {
      const records = openRecords(await openStore(this.#outRoot), dataset);
      const mark = await readOutputMark(records);
      // By the mark, which is small; an output whose build was begun by another version has none.
      const found = mark?.build ?? (await records.readBuild())?.build ?? null;
      if (found === null) return `its --out has no build of ${dataset}`;
      if (found !== build) return `its --out has the build ${found}`;
      return word === null || mark?.word === word
        ? null
        : "its --out is a copy of the build's, or an old one";
    } catch (error) {
      if (error instanceof Failure) return `its --out cannot be read (${error.message})`.slice(0, 400);
      throw error;
    }
  }
}
