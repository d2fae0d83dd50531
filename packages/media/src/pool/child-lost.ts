import type { MediaIncident } from "@shardmill/core";

/** A child that ended, or was ended, before it answered. Stays inside this room: the pool turns it into an attempt. */
export class ChildLost extends Error {
  override readonly name = "ChildLost";
  readonly code: MediaIncident["code"];

  constructor(code: MediaIncident["code"], detail: string) {
    super(detail);
    this.code = code;
  }
}
