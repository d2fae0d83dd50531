import type { BuildRecord } from "@shardmill/core";
import { sealBuild } from "@shardmill/pipeline";
import { writeLastRun } from "@shardmill/pipeline/last-run";
import { acquireBuildLock, type Records, writeOutputMark } from "@shardmill/store";
import { addRun, type OrderedPart } from "./add-run.ts";
import { runBeganMs } from "./build-time.ts";
import type { OwnQueue } from "./open-own-queue.ts";

interface Detached {
  readonly queueName: string;
  readonly notice: string | null;
  /** Names of the workers that are connected. */
  readonly workers: readonly string[];
}

/**
 * Adds a build to a queue that others can reach, and leaves it to workers elsewhere; null when there is nothing to make.
 * Its end is recorded by the worker that seals it. A service with that queue takes it up, tells of it and adds again what the
 * queue forgets; without one nobody does. A build that someone owns is refused; the lock is not kept, for there is no owner
 * from here on.
 */
export async function detachBuild(order: {
  readonly records: Records;
  readonly build: BuildRecord;
  readonly parts: readonly OrderedPart[];
  readonly openQueue: () => Promise<OwnQueue>;
}): Promise<Detached | null> {
  const { records, build, parts, openQueue } = order;
  const lock = await acquireBuildLock(records, { build: build.build });
  try {
    await records.writeBuild(build);
    if (parts.length === 0) {
      await sealBuild({ records, build });
      return null;
    }
    const own = await openQueue();
    try {
      const mark = await writeOutputMark(records, build.build);
      await own.queue.setMark(build.build, mark.word);
      const what = { build, parts, outlivesOwner: true, isDetached: true, thenRoots: false };
      const { run } = await addRun(records, own.queue, what);
      if (run !== null) await writeLastRun(records, { beganMs: runBeganMs(run.run.run), endedMs: null });
      const { url, isPrivate } = own;
      await records.writeQueueAddress({ url, isPrivate, build: build.build, owner: "command" });
      const names = (await own.queue.workers()).map(({ worker }) => worker);
      return { queueName: own.name, notice: own.queue.notice, workers: [...new Set(names)].sort() };
    } finally {
      await own.close();
    }
  } finally {
    await lock.release();
  }
}
