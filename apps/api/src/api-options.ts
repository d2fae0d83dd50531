import type { Catalogue, Presets } from "@shardmill/catalogue";
import type { Clock, Toolchain } from "@shardmill/core";
import type { News, OwnQueue } from "@shardmill/owner";
import type { Surroundings } from "@shardmill/pipeline";
import type { FastifyBaseLogger } from "fastify";

export interface ApiLimits {
  /** Requests of one address a minute; enqueuing and steering ones. */
  readonly readsPerMinute: number;
  readonly writesPerMinute: number;
  /** Refusals of one address a minute for want of the token; those behind them are 429. */
  readonly wrongTokensPerMinute: number;
  readonly bodyBytes: number;
  readonly eventClients: number;
  /** Bytes that a slow event client may be behind before events are dropped. */
  readonly eventBufferBytes: number;
  readonly heartbeatMs: number;
  /** How long POST /api/builds waits for the source's listing before it answers `planning`. */
  readonly planningAnswerMs: number;
  /** Figures are at most this old. */
  readonly statusTtlMs: number;
  /** Likewise of an output in a bucket, where each look is some requests. */
  readonly bucketTtlMs: number;
  /** How often what has vanished from the queue is added again, and what other services have left is looked for. */
  readonly keepEveryMs: number;
  /** How often the second is done of a bucket. */
  readonly bucketLookEveryMs: number;
}

export const defaultLimits: ApiLimits = Object.freeze({
  readsPerMinute: 6_000,
  writesPerMinute: 120,
  wrongTokensPerMinute: 60,
  bodyBytes: 65_536,
  eventClients: 200,
  eventBufferBytes: 262_144,
  heartbeatMs: 15_000,
  planningAnswerMs: 5_000,
  statusTtlMs: 1_000,
  bucketTtlMs: 5_000,
  keepEveryMs: 10_000,
  bucketLookEveryMs: 30_000,
});

/** What the service is built from. Nothing a caller sends can add to it. */
export interface ApiDeps {
  readonly catalogue: Catalogue;
  /** Named recipes and tokenizers; none without. */
  readonly presets?: Presets;
  /** Where the jobs of builds go that are asked for here. */
  readonly queue: OwnQueue;
  /** Its `outRoot`, a folder or a bucket's address, is the only place that is read or written. */
  readonly surroundings: Surroundings;
  readonly toolchain: (decoder: "libav" | "process") => Promise<Toolchain>;
  /** Local folders for datasets, as the person who started the service named them. */
  readonly sourceFolders?: ReadonlyMap<string, string>;
  /** Asked before anything is made: throws where the output's store cannot hold a build. */
  readonly readyOutput?: () => Promise<void>;
  /** Null: no token is asked for, which is only allowed on loopback. */
  readonly token: string | null;
  /** The address the service listens on; decides which Host headers are its own. */
  readonly host: string;
  /** Further names by which it is reached, such as that of a proxy. */
  readonly allowedHosts?: readonly string[];
  /** The built page; null serves the API alone. */
  readonly dashboardDir: string | null;
  readonly log: FastifyBaseLogger;
  readonly version: string;
  readonly clock?: Clock;
  readonly limits?: Partial<ApiLimits>;
  /** Hears of failed parts, standstills and ends of the builds that are owned here. */
  readonly onNews?: ((news: News) => void) | undefined;
  readonly standstillMs?: number | undefined;
}

export interface ApiOptions extends ApiDeps {
  /** 0 takes any free port. */
  readonly port: number;
}

export interface RunningApi {
  /** `http://127.0.0.1:8686`, without the token. */
  readonly url: string;
  close(): Promise<void>;
}
