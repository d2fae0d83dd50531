import type { Clock, RateGate } from "@shardmill/core";
import type { Bandwidth } from "../wire/limit-bandwidth.ts";

/** Where a dataset's files are, as the catalogue and the command line say it. */
export type SourceSpec =
  | {
      readonly kind: "hub";
      /** `owner/name` of a dataset repository. */
      readonly repo: string;
      /** A branch, a tag or a commit. A full commit id is used as it is, without asking. */
      readonly revision: string;
      /** `https://huggingface.co`, or another host that speaks the same protocol. */
      readonly endpoint: string;
      /** Sent to the endpoint's own origin and nowhere else. */
      readonly token: string | null;
    }
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "http"; readonly base: string; readonly files: readonly string[] };

/** What a source needs from outside. Times in milliseconds. */
export interface SourceDeps {
  readonly gate: RateGate;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
  readonly bandwidth?: Bandwidth;
  /** Told of every fault that was healed or waited out; for log and metrics. */
  readonly onIncident?: (incident: SourceIncident) => void;
  /** A connection that says nothing for this long while we wait for it is dropped. Default 30 s. */
  readonly idleTimeoutMs?: number;
  /** Attempts in a row without a single new byte before a read fails. Default 8. */
  readonly maxAttempts?: number;
  /** Wait before the second attempt; doubles with each further one, up to 30 s. Default 500. */
  readonly firstBackoffMs?: number;
  /** Jitter of the wait; default Math.random. Decides no byte. */
  readonly random?: () => number;
}

export type IncidentKind =
  | "unreachable"
  | "cut"
  | "early_end"
  | "stalled"
  | "range_ignored"
  | "wrong_range"
  | "address_refused"
  | "server_error"
  | "rate_limited"
  | "invalid_answer"
  | "maybe_changed";

/** A fault that changes no byte. Holds no token and no query of a signed address. */
export interface SourceIncident {
  readonly kind: IncidentKind;
  readonly source: string;
  /** Path in the source; null for requests that are about no file (listing, revision). */
  readonly path: string | null;
  readonly host: string;
  readonly detail: string;
  /** Attempts without progress so far, this one included; 0 where the fault costs none (rate limits). */
  readonly attempt: number;
  readonly waitMs: number;
}
