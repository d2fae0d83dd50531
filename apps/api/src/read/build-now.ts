import type { BookView } from "./dataset-books.ts";
import type { BuildInQueue } from "./queue-eye.ts";

/** A build as it stands this moment: records and queue together. */
export interface BuildNow extends BookView {
  readonly queue: BuildInQueue;
}
