import { Failure, isCancellation } from "@shardmill/core";
import type { Service } from "../service.ts";

/** What asks the source for its listing, for as long as that may take and the service lasts. */
export async function withinLimit<T>(
  service: Service,
  limitMs: number,
  dataset: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.timeout(limitMs);
  const signal = AbortSignal.any([limit, service.signal]);
  try {
    return await work(signal);
  } catch (error) {
    if (limit.aborted && isCancellation(error, signal)) {
      const message = `the source of ${dataset} did not list its files within ${limitMs / 1_000} s`;
      throw new Failure("source_unreachable", message, { where: { dataset }, cause: error });
    }
    throw error;
  }
}
