import {
  Failure,
  type Manifest,
  type MetMember,
  type PartPlan,
  partLabel,
  type TokenCounts,
} from "@shardmill/core";
import { type Sample, tokensOfJson } from "@shardmill/shards";
import type { BuildContext } from "../context/build-context.ts";
import type { Work } from "../stream/stream-item.ts";
import { markAllWithdrawn } from "../withdrawn/mark-withdrawn.ts";
import { readWithdrawals, type WithdrawalsNow } from "../withdrawn/read-withdrawals.ts";
import { withdrawnLedgerLine } from "../withdrawn/withdrawn-ledger-line.ts";
import { copiesSamples } from "./laid-out.ts";
import type { Outcome } from "./outcome.ts";
import type { ShardOrder } from "./shard-order.ts";

interface Withdrawing {
  readonly context: BuildContext;
  /** As it was when the shard was begun. */
  readonly withdrawn: WithdrawalsNow;
}

interface Met extends Pick<Work, "planned" | "group"> {
  readonly plan: PartPlan;
}

/** A member that is withdrawn whole is left out before anything is decoded; null of any other. Its records have their member all the same. */
export function withdrawnOutcome(
  { context, withdrawn }: Withdrawing,
  { planned, plan, streamed, group }: Met & Work,
): Outcome | null {
  const by = withdrawn.all.whole(metOf({ planned, plan, group }));
  if (by === null) return null;
  const { position, name, records } = planned;
  const isCopied =
    copiesSamples(context.build) && streamed.kind === "member" && streamed.content.kind === "sample";
  return {
    samples: [],
    line: withdrawnLedgerLine({ position, member: name }, by),
    annotationsUsed: records.length,
    seconds: 0,
    ...(isCopied && { lost: tokensOfJson({ key: name, members: streamed.content.members }) }),
  };
}

/** What became of a member, without those of its samples that are withdrawn: it stays packed until its last one goes. */
export function withoutWithdrawn({ withdrawn }: Withdrawing, met: Met, outcome: Outcome): Outcome {
  if (outcome.samples.length === 0 || withdrawn.all.isEmpty) return outcome;
  const { key, group = met.group } = outcome.line;
  const known = { key, group };
  const taken = outcome.samples.map((sample) =>
    withdrawn.all.sample(sample.key, { ...metOf(met), ...known }),
  );
  const samples = outcome.samples.filter((_, at) => taken[at] === null);
  const [by] = taken.filter((one) => one !== null);
  if (by === undefined) return outcome;
  const [next] = samples;
  const { annotationsUsed, seconds, line } = outcome;
  if (next === undefined) return { samples, line: withdrawnLedgerLine(line, by), annotationsUsed, seconds };
  const gone = outcome.samples.filter((_, at) => taken[at] !== null);
  return {
    ...outcome,
    samples,
    line: { ...line, key: next.key },
    ...(outcome.tokens && { tokens: less(outcome.tokens, gone, samples.length) }),
  };
}

/** Which of a member's samples were cut nobody tells one by one. */
function less(tokens: NonNullable<Outcome["tokens"]>, gone: readonly Sample[], left: number) {
  let { all, loss } = tokens;
  for (const sample of gone) {
    const own = tokensOfJson(sample);
    all -= own?.all ?? 0;
    loss -= own?.loss ?? 0;
  }
  return { all, loss, cut: Math.min(tokens.cut, left) };
}

/** Tokens that were counted before, without those of samples that have been withdrawn since. */
export function lessLost(
  tokens: TokenCounts | undefined,
  { lost, samples }: { readonly lost: Pick<TokenCounts, "all" | "loss">; readonly samples: number },
): TokenCounts | undefined {
  if (tokens === undefined || samples === 0) return undefined;
  const { all, loss, cut } = tokens;
  return { all: all - lost.all, loss: loss - lost.loss, cut: Math.min(cut, samples) };
}

function metOf({ planned, plan, group }: Met): MetMember {
  return { name: planned.name, part: plan, group };
}

/** Nothing may have been withdrawn since a shard was begun: a worker that was thought dead may come to this point long after. */
export async function mustBeWithdrawnAsNow(
  { context, withdrawn }: Withdrawing,
  { plan, shard }: Pick<ShardOrder, "plan" | "shard">,
): Promise<void> {
  if ((await readWithdrawals(context)).id === withdrawn.id) return;
  throw new Failure("record_invalid", `samples were withdrawn while ${shard} was made`, {
    where: { dataset: plan.dataset, part: partLabel(plan), shard },
    retry: "later",
  });
}

/**
 * What was withdrawn between that look and the commit. Either whoever withdraws it sees the shard that is committed, or who
 * committed it sees the list, which is written first, and marks the shard himself.
 */
export async function markedSince(
  { context, withdrawn, signal }: Withdrawing & { readonly signal: AbortSignal },
  manifest: Manifest,
): Promise<Manifest> {
  if ((await readWithdrawals(context)).id === withdrawn.id) return manifest;
  const only = { parts: new Set([partLabel(manifest)]), shards: new Set([manifest.shard]) };
  const [marked] = await markAllWithdrawn(context, only, signal);
  return marked ?? manifest;
}
