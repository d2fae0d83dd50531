/** What may go wrong on the wire and be healed there. */
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
