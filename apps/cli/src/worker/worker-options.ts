import type { WorkOptions } from "../commands/shared-options.ts";

export interface WorkerOptions extends WorkOptions {
  readonly out: string;
  readonly shards?: number;
  readonly plans: number;
  readonly role: "all" | "plan" | "mill";
  readonly drain?: true;
  readonly owned?: true;
  /** Name of the worker that this process is a further one of. */
  readonly partOf?: string;
  readonly scratch?: string;
}
