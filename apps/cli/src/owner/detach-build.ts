import type { BuildRecord } from "@shardmill/core";
import { sealBuild } from "@shardmill/pipeline";
import { enqueueBuild, type OrderedPart } from "@shardmill/plan-worker";
import { acquireBuildLock, type Records } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { plural } from "../text/format.ts";
import { shellCommand } from "../text/shell-command.ts";
import { openBuildQueue } from "./open-build-queue.ts";
import { nextRun } from "./run-number.ts";

/** Enqueues a build for workers elsewhere and leaves it to them. Nobody enqueues again what a flushed Redis forgets. */
export async function detachBuild(
  { console, settings, signal }: CommandContext,
  order: {
    readonly records: Records;
    readonly build: BuildRecord;
    readonly parts: readonly OrderedPart[];
    readonly out: string;
  },
): Promise<void> {
  const { records, build, parts, out } = order;
  const name = build.dataset.name;
  // A build that someone owns is refused; the lock is not kept, for there is no owner from here on.
  const lock = await acquireBuildLock(records, { build: build.build });
  try {
    await records.writeBuild(build);
    if (parts.length === 0) {
      await sealBuild({ records, build });
      console.out(`nothing to start: no part of ${name} that was asked for is missing`);
      return;
    }
    const owned = await openBuildQueue(settings, records, build.build, signal, (why) => {
      if (why !== null) console.note(`${why}; waiting for it`);
    });
    try {
      if (owned.queue.notice !== null) console.note(`note: ${owned.queue.notice}`);
      await enqueueBuild(owned.queue, build, parts, nextRun(Date.now()));
      const workers = await owned.queue.workers();
      console.out(`enqueued ${plural(parts.length, "part")} of ${name} at ${owned.kind}`);
      console.out(
        workers.length === 0
          ? `no worker is connected; start one:  ${shellCommand("shardmill", "worker", "--out", out)}`
          : `workers:    ${[...new Set(workers.map(({ worker }) => worker))].sort().join(", ")}`,
      );
    } finally {
      await owned.close();
    }
  } finally {
    await lock.release();
  }
  console.out(`watch it:   ${shellCommand("shardmill", "status", name, "--watch", "--out", out)}`);
  console.out(`stop it:    ${shellCommand("shardmill", "cancel", name, "--out", out)}`);
}
