import type { BuildRecord, Failure } from "@shardmill/core";
import type { Surroundings } from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import type { OrderedPart } from "./add-run.ts";
import type { EventBuffer, OwnerEvent } from "./event-buffer.ts";
import type { News } from "./news.ts";
import type { OwnQueue } from "./open-own-queue.ts";
import type { KeptRun } from "./runs.ts";

/** Workers that live as long as the build is owned here. */
export interface OwnWorker {
  stop(): Promise<void>;
}

/** What is to be owned, and by whom. */
export interface OwnBuild {
  readonly records: Records;
  /** Written once the lock is held: a build that is refused must not change the record of the one that runs. */
  readonly build: BuildRecord;
  /** To be made; none: what an earlier owner has left is carried on, or the build is only sealed. */
  readonly parts: readonly OrderedPart[];
  /** A command ends with its build; a service carries on what services before it have left. */
  readonly as: "command" | "service";
  /** Where another process owns the build, it is given the parts, instead of this being refused. */
  readonly mayHandOver: boolean;
  /** Parts of the user's own folders are made when the source's have been. */
  readonly thenRoots: boolean;
  readonly surroundings: Surroundings;
  /** Called when there is something to do and nobody else owns the build. */
  readonly openQueue: () => Promise<OwnQueue>;
  /** Null where others work. `fail` ends the build: no worker is to be had. */
  readonly startWorker: ((queue: OwnQueue, fail: (failure: Failure) => void) => OwnWorker) | null;
  /** The output folder is away, or (true) there again. */
  readonly onOutput?: (isThere: boolean) => void;
  /** Hears of failed parts, of standstills and of the end, where this process owns the build. */
  readonly onNews?: ((news: News) => void) | undefined;
  readonly standstillMs?: number | undefined;
  readonly lookEveryMs?: number;
  readonly ensureEveryMs?: number;
  /** For an owner that goes on when a look at the queue fails. */
  readonly onTrouble?: (error: unknown) => void;
  /** Ends the owning at once; `ended` then rejects with its reason. */
  readonly signal: AbortSignal;
}

export interface Begun {
  readonly isOwner: boolean;
  /** Null when nothing had to be added. */
  readonly run: KeptRun | null;
}

export interface OwnedBuild {
  /** What happens, for one reader; bounded, so that nobody has to read it. */
  readonly events: AsyncIterable<OwnerEvent>;
  /** The work is in the queue, or there was none. */
  readonly began: Promise<Begun>;
  /** How it ended; a Failure, or the signal's reason, when it did not come to its end. */
  readonly ended: Promise<{ readonly kind: "ended" | "cancelled" | "stopped" }>;
  /** Ends the owning, not the build: what is left can be carried on by the next owner. */
  stop(): Promise<void>;
}

export interface Ears {
  readonly events: EventBuffer;
  readonly tell: (begun: Begun) => void;
}

export interface HowEnded {
  readonly kind: "ended" | "cancelled";
}
