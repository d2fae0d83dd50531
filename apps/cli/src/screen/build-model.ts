import {
  noPace,
  paceWith,
  type ShardProgress,
  shardProgressSchema,
  timeLeft,
  workLeft,
} from "@shardmill/core";
import type { BuildStatus, PartStatus } from "@shardmill/pipeline";
import type { JobProgress } from "@shardmill/queue";
import { z } from "zod";

export interface RunningShard extends ShardProgress {
  readonly label: string;
  readonly worker: string;
}

/** What a part that is being planned tells. */
const stepSchema = z.object({ step: z.string(), done: z.number().optional(), of: z.number().optional() });

interface PlanningPart {
  readonly label: string;
  readonly step: string;
  readonly done: number | null;
  readonly of: number | null;
}

/** Figures of one moment: members with a fate, in committed and in running shards together. */
interface Moment {
  readonly atMs: number;
  readonly members: number;
  readonly packed: number;
  readonly frames: number;
  readonly bytes: number;
}

export interface BuildView {
  readonly status: BuildStatus;
  readonly asked: readonly PartStatus[];
  readonly running: readonly RunningShard[];
  readonly planning: readonly PlanningPart[];
  readonly members: { readonly done: number; readonly of: number | null };
  readonly perSecond: { readonly samples: number; readonly frames: number; readonly bytes: number };
  /** Seconds of work until the end: likely, and the spread that the last minutes' pace allows. */
  readonly eta: ReturnType<typeof timeLeft>;
  readonly elapsedSeconds: number;
  readonly phase: BuildPhase;
}

export type BuildPhase = "building" | "paused" | "cancelled";

const windowMs = 60_000;

/** Adds up what records and queue tell into what a person sees. No I/O, and the clock is told to it. */
export class BuildModel {
  readonly #asked: Set<string>;
  readonly #startedMs: number;
  readonly #moments: Moment[] = [];
  #worked = noPace;
  #bytesOfEnded = 0;
  readonly #bytesOfRunning = new Map<string, number>();
  phase: BuildPhase = "building";

  constructor(askedLabels: readonly string[], startedMs: number) {
    this.#asked = new Set(askedLabels);
    this.#startedMs = startedMs;
  }

  include(labels: readonly string[]): void {
    for (const label of labels) this.#asked.add(label);
  }

  update(status: BuildStatus, progress: readonly JobProgress[], nowMs: number): BuildView {
    const asked = status.parts.filter((part) => this.#asked.has(part.label));
    const running = progress.flatMap((told) => {
      const parsed = shardProgressSchema.safeParse(told.progress);
      return parsed.success && told.label !== null
        ? [{ ...parsed.data, label: told.label, worker: told.worker }]
        : [];
    });
    const planning = progress.flatMap((told) => {
      const parsed = stepSchema.safeParse(told.progress);
      return parsed.success && told.label !== null
        ? [
            {
              label: told.label,
              step: parsed.data.step,
              done: parsed.data.done ?? null,
              of: parsed.data.of ?? null,
            },
          ]
        : [];
    });
    const sum = (of: (shard: RunningShard) => number): number =>
      running.reduce((total, shard) => total + of(shard), 0);
    const settled = asked.reduce((total, part) => total + part.packed + part.failed + part.skipped, 0);
    const moment: Moment = {
      atMs: nowMs,
      members: settled + sum((shard) => shard.done),
      packed: asked.reduce((total, part) => total + part.packed, 0) + sum((shard) => shard.packed),
      frames: asked.reduce((total, part) => total + part.frames, 0) + sum((shard) => shard.frames),
      bytes: this.#bytesRead(running),
    };
    this.#remember(moment);
    const isWorking = this.phase === "building" && running.length > 0;
    this.#worked = paceWith(this.#worked, { atMs: nowMs, members: moment.members, isWorking });
    const of = asked.every((part) => part.members !== null)
      ? asked.reduce((total, part) => total + (part.members ?? 0), 0)
      : null;
    return {
      status,
      asked,
      running,
      planning,
      members: { done: Math.min(moment.members, of ?? moment.members), of },
      perSecond: this.#pace(moment),
      eta: timeLeft(this.#worked, workLeft(asked, { usual: null, inShards: sum((shard) => shard.done) })),
      elapsedSeconds: (nowMs - this.#startedMs) / 1000,
      phase: this.phase,
    };
  }

  /** A shard that is no longer told of has ended: what it had read still counts. */
  #bytesRead(running: readonly RunningShard[]): number {
    const told = new Map(running.map((shard) => [shard.shard, shard.bytesRead]));
    for (const [shard, bytes] of this.#bytesOfRunning) if (!told.has(shard)) this.#bytesOfEnded += bytes;
    this.#bytesOfRunning.clear();
    for (const [shard, bytes] of told) this.#bytesOfRunning.set(shard, bytes);
    return this.#bytesOfEnded + [...told.values()].reduce((total, bytes) => total + bytes, 0);
  }

  #remember(moment: Moment): void {
    this.#moments.push(moment);
    while (this.#moments.length > 2 && moment.atMs - (this.#moments[0]?.atMs ?? 0) > windowMs)
      this.#moments.shift();
  }

  #pace(now: Moment): BuildView["perSecond"] {
    const then = this.#moments.find((moment) => now.atMs - moment.atMs <= windowMs) ?? now;
    const seconds = Math.max(0.001, (now.atMs - then.atMs) / 1000);
    const rate = (of: (moment: Moment) => number): number =>
      then === now ? 0 : Math.max(0, (of(now) - of(then)) / seconds);
    return { samples: rate((m) => m.packed), frames: rate((m) => m.frames), bytes: rate((m) => m.bytes) };
  }
}
