import type { IncidentKind } from "./incident.ts";

/** A transient fault inside this package: always healed or turned into a Failure before it reaches a caller. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly kind: IncidentKind;
  /** What the other side asked us to wait, when it did. */
  readonly waitMs: number | null;
  readonly host: string;

  constructor(kind: IncidentKind, host: string, detail: string, waitMs: number | null = null) {
    super(detail);
    this.kind = kind;
    this.host = host;
    this.waitMs = waitMs;
  }
}
