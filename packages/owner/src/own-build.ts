import { Failure, systemClock } from "@shardmill/core";
import { acquireBuildLock, type BuildLock } from "@shardmill/store";
import { EventBuffer } from "./event-buffer.ts";
import { type Host, handOver, lockOfNobody } from "./hand-over.ts";
import { connectTo, hasEndedWithOwner } from "./join-queue.ts";
import type { Begun, Ears, HowEnded, OwnBuild, OwnedBuild } from "./owned-build.ts";
import { Tenure, type Term } from "./tenure.ts";

class OwnerStopped extends Error {
  override readonly name = "OwnerStopped";
}

/**
 * Owns a build until all that was asked of it has ended, whoever asked: takes its lock, says beside the records where its
 * queue is, adds the parts to it, adds again what vanishes, and balances the books at the end. Whatever happens to the
 * queue or the workers meanwhile, the jobs are there again; whatever happens to this process, the next owner carries on
 * from the records. Where another process owns the build, it may be handed the work, and this one watches.
 */
export function ownBuild(order: OwnBuild): OwnedBuild {
  const events = new EventBuffer();
  const stopping = new AbortController();
  const signal = AbortSignal.any([order.signal, stopping.signal]);
  let tell: (begun: Begun) => void = () => undefined;
  const toldOnce = new Promise<Begun>((resolve) => {
    tell = resolve;
  });
  const stopped = (error: unknown): { kind: "stopped" } => {
    if (error === stopping.signal.reason) return { kind: "stopped" };
    throw error;
  };
  const working = stand({ ...order, signal }, { events, tell });
  const ended = working.catch(stopped).finally(() => events.close());
  // Whoever began it may not listen to its end.
  ended.catch(() => undefined);
  const began = Promise.race([toldOnce, working.then(() => toldOnce)]);
  began.catch(() => undefined);
  return {
    events,
    began,
    ended,
    async stop() {
      stopping.abort(new OwnerStopped("the owner was told to stop"));
      await ended.catch(() => undefined);
    },
  };
}

/** As the owner, or as the guest of another one, until that has gone. */
async function stand(order: OwnBuild, ears: Ears): Promise<HowEnded> {
  for (;;) {
    const place = await takeLock(order);
    if (place.kind === "lock") return own(order, ears, place.lock);
    const end = await handOver(order, ears, place.host);
    if (end.kind === "owner") return own(order, ears, end.lock);
    if (end.kind !== "again") return end;
  }
}

/** How often a lock is asked for whose holder has no queue to be seen: it is about to begin, or to end. */
const maxTries = 20;

async function takeLock({
  records,
  build,
  mayHandOver,
  signal,
}: OwnBuild): Promise<
  { readonly kind: "lock"; readonly lock: BuildLock } | { readonly kind: "host"; readonly host: Host }
> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { kind: "lock", lock: await acquireBuildLock(records, { build: build.build }) };
    } catch (error) {
      const isHeld = error instanceof Failure && error.code === "build_locked";
      if (!isHeld || !mayHandOver) throw error;
      const address = await records.readQueueAddress();
      // One that has an owner and does not answer is told: whoever asks must not wait for it.
      if (address !== null && !(await hasEndedWithOwner(records, address)))
        return { kind: "host", host: { address, queue: await connectTo(address) } };
      if (tries >= maxTries) throw error;
      await systemClock.sleep(100, signal);
    }
  }
}

/** Again and again, as long as work has come while the lock was given back: whoever asked for it has seen an owner. */
async function own(order: OwnBuild, ears: Ears, lock: BuildLock): Promise<HowEnded> {
  for (let term: Term = { lock, parts: order.parts, passedOver: null }; ; ) {
    const tenure = new Tenure(order, ears, term);
    const end = await tenure.serve();
    const next = end.kind === "cancelled" ? null : await tenure.next();
    if (next === null) return end;
    // Who has taken it meanwhile carries that on.
    const again = await lockOfNobody(order);
    if (again === null) return end;
    term = { ...next, lock: again };
  }
}
