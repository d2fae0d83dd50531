import { type BuildRecord, hashOf, Withdrawals, type WithdrawnLine } from "@shardmill/core";
import { type Records, recordsWithOrigins } from "@shardmill/store";

/** What must not be in an output, and what tells one state of that from another. */
export interface WithdrawalsNow {
  readonly all: Withdrawals;
  /** Of the files, and so of this machine alone. */
  readonly stamp: string;
  /** Of what they say: the same everywhere. Nothing withdrawn is an empty one. */
  readonly id: string;
}

interface OfOutput {
  readonly records: Records;
  readonly build: Pick<BuildRecord, "dataset" | "source" | "parts">;
}

/** Every shard that is made asks for it, and a list may have a hundred thousand lines. */
const known = new WeakMap<Records, WithdrawalsNow>();

/** What has been withdrawn from an output, and from the outputs that it is made from. */
export async function readWithdrawals({ records, build }: OfOutput): Promise<WithdrawalsNow> {
  const lists = await recordsWithOrigins(records, build);
  const stamps = await Promise.all(lists.map((one) => one.withdrawnStamp()));
  const stamp = stamps.join("\n");
  const before = known.get(records);
  if (before?.stamp === stamp) return before;
  const lines = await linesOf(lists);
  const now = {
    all: new Withdrawals(build.dataset, lines),
    stamp,
    id: lines.length === 0 ? "" : hashOf(lines),
  };
  known.set(records, now);
  return now;
}

/** As they were read last, without a look; null where they were not. */
export function knownWithdrawals({ records }: Pick<OfOutput, "records">): WithdrawalsNow | null {
  return known.get(records) ?? null;
}

/** The same as the lines that say it. */
export async function withdrawalLines({ records, build }: OfOutput): Promise<WithdrawnLine[]> {
  return linesOf(await recordsWithOrigins(records, build));
}

async function linesOf(lists: readonly Records[]): Promise<WithdrawnLine[]> {
  const lines: WithdrawnLine[] = [];
  for (const one of lists) for (const line of await one.readWithdrawn()) lines.push(line);
  return lines;
}
