import { type BuildRecord, Failure, hashOf } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { closeAnnotationIndexes } from "./annotation-index.ts";
import { type BuildContext, openBuild, type Surroundings } from "./context.ts";

/** The builds a worker has opened. A build whose record has changed since (another source, a rebuild) is opened anew. */
export class OpenBuilds {
  readonly #surroundings: Surroundings;
  readonly #open = new Map<string, { readonly record: string; readonly context: Promise<BuildContext> }>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  async get(dataset: string, signal: AbortSignal): Promise<BuildContext> {
    const record = await this.#recordHash(dataset);
    const held = this.#open.get(dataset);
    if (held?.record === record) return held.context;
    const context = openBuild(dataset, this.#surroundings, signal);
    this.#open.set(dataset, { record, context });
    context.catch(() => this.#open.delete(dataset));
    if (held !== undefined) await held.context.then(closeAnnotationIndexes, () => undefined);
    return context;
  }

  /** The records of every build in this worker's output folder; one that cannot be read is told by whoever needs it. */
  async recorded(): Promise<BuildRecord[]> {
    const store = await openStore(this.#surroundings.outRoot);
    const reads = (await store.listFolders("")).map((name) =>
      openRecords(store, name)
        .readBuild()
        .catch(() => null),
    );
    return (await Promise.all(reads)).flatMap((build) => build ?? []);
  }

  async #recordHash(dataset: string): Promise<string> {
    const build = await openRecords(await openStore(this.#surroundings.outRoot), dataset).readBuild();
    if (build !== null) return hashOf(build);
    throw new Failure("wrong_use", `there is no build of ${dataset} in this worker's output folder`, {
      where: { dataset },
      retry: "later",
    });
  }

  async close(): Promise<void> {
    for (const { context } of this.#open.values())
      await context.then(closeAnnotationIndexes, () => undefined);
    this.#open.clear();
  }
}
