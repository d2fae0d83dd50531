import type { BuildRecord } from "@shardmill/core";
import {
  type Asked,
  asRecorded,
  commandOrigin,
  detachBuild as leaveBuild,
  type OrderedPart,
  openOwnQueue,
} from "@shardmill/owner";
import type { Records } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { plural } from "../text/format.ts";
import { shellCommand } from "../text/shell-command.ts";

const answerWithinMs = 1_800;

/** Enqueues a build for workers elsewhere and leaves it to them. */
export async function detachBuild(
  { console, settings, signal }: CommandContext,
  order: {
    readonly records: Records;
    readonly build: BuildRecord;
    readonly parts: readonly OrderedPart[];
    readonly request: Pick<Asked, "verb" | "about">;
    readonly out: string;
  },
): Promise<void> {
  const { build, parts, out } = order;
  const name = build.dataset.name;
  const onRefusal = (why: string | null): void => {
    if (why !== null) console.note(`${why}; waiting for it`);
  };
  const openQueue = () =>
    openOwnQueue(settings.redisUrl, {
      ...settings.queue,
      connectWithinMs: answerWithinMs,
      signal,
      onRefusal,
    });
  const left = await asRecorded(
    () => order.records,
    { ...order.request, origin: commandOrigin() },
    () => leaveBuild({ ...order, openQueue }),
    (detached) => ({
      result: detached === null ? "nothing_to_do" : "queued",
      parts: detached === null ? 0 : parts.length,
    }),
  );
  if (left === null) {
    console.out(`nothing to start: no part of ${name} that was asked for is missing`);
    return;
  }
  if (left.notice !== null) console.note(`note: ${left.notice}`);
  console.out(`enqueued ${plural(parts.length, "part")} of ${name} at ${left.queueName}`);
  console.out(
    left.workers.length === 0
      ? `no worker is connected; start one:  ${shellCommand("shardmill", "worker", "--out", out)}`
      : `workers:    ${left.workers.join(", ")}`,
  );
  console.out(`watch it:   ${shellCommand("shardmill", "status", name, "--watch", "--out", out)}`);
  console.out(`stop it:    ${shellCommand("shardmill", "cancel", name, "--out", out)}`);
}
