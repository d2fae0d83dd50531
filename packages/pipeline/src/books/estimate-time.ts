import type { MemberPace } from "@shardmill/core";
import { added, errorOf, ofRest, type Reach, sum } from "./spread.ts";

/** Of a machine while something was made on it, on average. */
export interface MachineLoad {
  readonly processors: number;
  /** Of them, what was taken by all that did not belong to it. */
  readonly others: number;
}

/** How a small build spent its time. */
export interface TriedTime {
  readonly seconds: number;
  /** Of them those in which at least one shard was being made. */
  readonly busyS: number;
  readonly shards: readonly { readonly seconds: number; readonly pace: MemberPace }[];
  /** Null where this machine does not tell. */
  readonly load: MachineLoad | null;
}

/** How much there was in the small build, and is expected to be in the whole. */
interface Amounts {
  readonly triedParts: number;
  readonly parts: number;
  readonly shards: number;
  readonly members: Reach;
}

export interface TimeEstimate extends Reach {
  /** Seconds from one member to the next, all shards together. */
  readonly stepS: number;
  /** Seconds that go by however many there are. */
  readonly fixedS: number;
  /** How much longer or shorter it may take by what else the machine does. */
  readonly loadFactor: number;
}

/**
 * What is there whatever the size, seconds around the shards and each shard's own beginning and end, apart from the steps between
 * members. Steps go on as they were, as far as their own variation tells; parts and shards beyond those tried cost as much
 * again at most, and nothing where they go on beside others. All of it is less where the machine has nothing else to do, and as much
 * more where the others take as much again.
 */
export function estimateTime(tried: TriedTime, amounts: Amounts): TimeEstimate {
  const { seconds, busyS, shards } = tried;
  const atOnce = Math.max(1, sum(shards.map((shard) => shard.seconds)) / Math.max(busyS, 0.001));
  const { stepS, error } = stepsOf(tried, atOnce, amounts.members.about);
  const ownS = sum(shards.map((shard) => Math.max(0, shard.seconds - shard.pace.steps.sum))) / atOnce;
  const aroundS = Math.max(0, seconds - busyS);
  const fixedS = aroundS + ownS;
  const more =
    (ownS / shards.length) * Math.max(0, amounts.shards - shards.length) +
    (aroundS / amounts.triedParts) * Math.max(0, amounts.parts - amounts.triedParts);
  const stepping = (members: number): number => Math.max(0, members - amounts.shards) * stepS;
  const loadFactor = loadFactorOf(tried.load);
  return {
    low: (fixedS + stepping(amounts.members.low) * Math.max(0, 1 - error)) / loadFactor,
    about: fixedS + more / 2 + stepping(amounts.members.about),
    high: (fixedS + more + stepping(amounts.members.high) * (1 + error)) * loadFactor,
    ...{ stepS, fixedS, loadFactor },
  };
}

function stepsOf({ busyS, shards }: TriedTime, atOnce: number, members: number) {
  const steps = added(shards.map(({ pace }) => pace.steps));
  if (steps.count > 0)
    return {
      stepS: steps.sum / steps.count / atOnce,
      error: errorOf(steps) * ofRest(steps.count + shards.length, members),
    };
  // Each shard had one member: between nothing and all of the time was for it.
  return { stepS: busyS / shards.length / 2, error: 1 };
}

/** What seconds do not show of hours; and where the machine does not tell what else it did. */
const leastFactor = 1.25;
const unknownFactor = 3;
const mostFactor = 10;

function loadFactorOf(load: MachineLoad | null): number {
  if (load === null) return unknownFactor;
  const left = Math.max(load.processors - load.others, load.processors / mostFactor);
  return Math.max(leastFactor, load.processors / left);
}
