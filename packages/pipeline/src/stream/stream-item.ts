import type { LedgerLine, PlannedMember, StreamedMember } from "@shardmill/core";

/** A member on its way: what the plan knows of it, and what came out of the archive. */
export interface Work {
  readonly planned: PlannedMember;
  readonly streamed: StreamedMember;
  /** Of a sample of another output: the group that it has there. */
  readonly group?: string | undefined;
}

/** What a stream of members yields: work, or the fate of one that never became work. */
export type StreamItem =
  | ({ readonly kind: "work" } & Work)
  | {
      readonly kind: "settled";
      readonly line: LedgerLine;
      readonly by: "archive" | "judge";
      readonly isFolder: boolean;
      /** Records that it has met all the same. */
      readonly annotationsUsed?: number;
    };
