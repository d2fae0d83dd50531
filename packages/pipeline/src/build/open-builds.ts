import { type BuildRecord, Failure, hashOf } from "@shardmill/core";
import { openRecords, openStore } from "@shardmill/store";
import { closeAnnotationIndexes } from "../annotations/annotation-index.ts";
import { type BuildContext, openBuild, type Surroundings } from "../context/build-context.ts";
import { SharedWork } from "../context/shared-work.ts";
import { refuseOtherForm } from "./refuse-other-form.ts";

/** The builds a worker has opened. A build whose record has changed since (another source, a rebuild) is opened anew. */
export class OpenBuilds {
  readonly #surroundings: Surroundings;
  readonly #open = new Map<string, { readonly record: string; readonly opening: SharedWork<BuildContext> }>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  async get(dataset: string, signal: AbortSignal): Promise<BuildContext> {
    const build = await this.#recordOf(dataset);
    refuseOtherForm(build);
    const record = hashOf(build);
    const held = this.#open.get(dataset);
    if (held?.record === record && !held.opening.isLost) return held.opening.join(signal);
    const opening = new SharedWork((stop) => openBuild(dataset, this.#surroundings, stop));
    this.#open.set(dataset, { record, opening });
    if (held !== undefined) await closeOpened(held.opening);
    return opening.join(signal);
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

  async #recordOf(dataset: string): Promise<BuildRecord> {
    const build = await openRecords(await openStore(this.#surroundings.outRoot), dataset).readBuild();
    if (build !== null) return build;
    throw new Failure("wrong_use", `there is no build of ${dataset} in this worker's output folder`, {
      where: { dataset },
      retry: "later",
    });
  }

  async close(): Promise<void> {
    for (const { opening } of this.#open.values()) await closeOpened(opening);
    this.#open.clear();
  }
}

async function closeOpened(opening: SharedWork<BuildContext>): Promise<void> {
  const context = await opening.result();
  if (context !== null) await closeAnnotationIndexes(context);
}
