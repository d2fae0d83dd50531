import type { BuildStatus } from "@shardmill/pipeline";
import type { BookView } from "./dataset-books.ts";
import type { BuildInQueue } from "./queue-eye.ts";

/** A build as it stands this moment: records and queue together. */
export interface BuildNow extends BookView {
  /** By the records alone; `status` has the queue laid over it. */
  readonly recorded: BuildStatus;
  readonly queue: BuildInQueue;
}
