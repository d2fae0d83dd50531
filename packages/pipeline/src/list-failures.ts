import { type Code, type PartId, partLabel } from "@shardmill/core";
import type { Records } from "@shardmill/store";
import { readPartLines } from "./part-lines.ts";

/** A member that is not in a shard, and why. */
export interface LeftOutMember {
  readonly part: string;
  readonly member: string;
  readonly position: number;
  readonly outcome: "failed" | "skipped";
  readonly code: Code;
  readonly detail: string;
  readonly attempt: number;
}

/** Every sample left out of the given parts (all that are planned, for null), in archive order; the latest record counts. */
export async function* listFailures(
  records: Records,
  parts: readonly PartId[] | null,
  signal: AbortSignal,
): AsyncGenerator<LeftOutMember> {
  const chosen = parts ?? (await records.listPlans());
  for (const part of chosen) {
    const lines = [...(await readPartLines(records, part, signal)).values()].sort(
      (a, b) => a.position - b.position,
    );
    for (const line of lines) {
      if (line.outcome === "packed" || line.code === null) continue;
      const { position, member, outcome, code, attempt } = line;
      yield { part: partLabel(part), member, position, outcome, code, detail: line.detail ?? "", attempt };
    }
  }
}
