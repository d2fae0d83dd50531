import { localRateGate, systemClock } from "@shardmill/core";
import type { MillQueue } from "@shardmill/queue";
import type { Records } from "@shardmill/store";
import type { OwnBuild } from "../src/owned-build.ts";

/** An order of a service whose private queue this is, and that starts no workers. */
export function orderOf(
  records: Records,
  { queue, url }: { readonly queue: MillQueue; readonly url: string },
  what: Pick<OwnBuild, "build" | "parts"> & Partial<OwnBuild>,
): OwnBuild {
  return {
    records,
    as: "service",
    mayHandOver: false,
    thenRoots: false,
    surroundings: {
      outRoot: records.store.root,
      hubEndpoint: "http://127.0.0.1:9",
      hubToken: null,
      gate: localRateGate(systemClock),
      clock: systemClock,
      worker: "test",
    },
    openQueue: async () => ({ queue, url, name: "test", isPrivate: true, close: async () => undefined }),
    startWorker: null,
    lookEveryMs: 50,
    signal: new AbortController().signal,
    ...what,
  };
}
