import { Failure } from "@shardmill/core";
import type { ShardProblem } from "./verify-shard.ts";

/** What was read, or null: a record that cannot be read is one of the things verify looks for, and no reason to stop. */
export async function unlessInvalid<T>(
  read: () => Promise<T>,
  tell: (problem: ShardProblem) => void,
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "record_invalid") throw error;
    tell({ code: "record_invalid", detail: error.message });
    return null;
  }
}
