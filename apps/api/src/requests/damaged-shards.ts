import { corruptShards } from "@shardmill/shards";
import { wrongUse } from "../secure/api-problem.ts";
import type { Service } from "../service.ts";

/** Every byte of the shards is read, about as fast as the disk reads. */
const limitMs = 900_000;

/** Shards of these parts that do not pass verification; every other one stays as it is. */
export async function damagedShards(
  service: Service,
  dataset: string,
  labels: ReadonlySet<string>,
): Promise<string[]> {
  const limit = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([limit, service.signal]);
  try {
    return await corruptShards(service.workRecords(dataset), labels, signal);
  } catch (error) {
    if (error !== limit.reason) throw error;
    throw wrongUse(
      `reading the shards of these parts takes longer than ${limitMs / 60_000} minutes: name fewer`,
    );
  }
}
