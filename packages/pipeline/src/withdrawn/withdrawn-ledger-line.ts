import type { LedgerLine, WithdrawnLine } from "@shardmill/core";

/** What a ledger says of a member that is withdrawn: the same whether it was found there or is met on the way to a shard. */
export function withdrawnLedgerLine(
  { position, member }: Pick<LedgerLine, "position" | "member">,
  by: WithdrawnLine,
): LedgerLine {
  return {
    position,
    member,
    outcome: "skipped",
    key: null,
    code: "withdrawn",
    detail: by.reason ?? `withdrawn on ${by.at.slice(0, 10)}`,
    attempt: 1,
    frames: null,
  };
}
