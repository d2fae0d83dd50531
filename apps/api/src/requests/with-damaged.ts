import { requireParts } from "@shardmill/core";
import type { BuildStatus, RetrySelection } from "@shardmill/pipeline";
import { corruptShards } from "@shardmill/shards";
import { wrongUse } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";

/** Every byte of the shards is read, about as fast as the disk reads. */
const limitMs = 900_000;

/** A selection of damaged shards names those that do not pass verification; every other one stays as it is. */
export async function withDamaged(
  service: Service,
  status: BuildStatus,
  selection: RetrySelection,
): Promise<RetrySelection> {
  if (selection.kind !== "corrupt") return selection;
  const { dataset: name, subsetNames, parts } = status;
  const named = requireParts({ name, subsetNames }, parts, selection.parts);
  // Shards of parts that are at work are being written.
  const idle = named.filter(({ state }) => state !== "running" && state !== "queued");
  const labels = new Set(idle.map(({ label }) => label));
  const limit = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([limit, service.signal]);
  try {
    const { records } = service.books(name);
    return { ...selection, shards: await corruptShards(records, labels, signal) };
  } catch (error) {
    if (error !== limit.reason) throw error;
    throw wrongUse(
      `reading the shards of these parts takes longer than ${limitMs / 60_000} minutes: name fewer`,
    );
  }
}
