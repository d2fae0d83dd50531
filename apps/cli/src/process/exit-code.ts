import type { Failure } from "@shardmill/core";

/** 0 ok, 1 finished with failures, 2 wrong use, 3 could not run, 130/143 ended by signal. */
export const exitCodes = { ok: 0, withFailures: 1, wrongUse: 2, couldNotRun: 3 } as const;

export function exitCodeOf({ code }: Failure): number {
  return code === "wrong_use" ? exitCodes.wrongUse : exitCodes.couldNotRun;
}
