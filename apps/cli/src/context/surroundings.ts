import { hostname } from "node:os";
import { resolve } from "node:path";
import { localRateGate, systemClock } from "@shardmill/core";
import type { Surroundings } from "@shardmill/pipeline";
import { limitBandwidth } from "@shardmill/sources";
import type { Settings } from "./settings.ts";

export interface SurroundingsOptions {
  readonly out: string;
  readonly maxBandwidth?: number | undefined;
  readonly cache?: string | undefined;
  readonly cacheLimit?: number | undefined;
}

/** For commands that read or plan by themselves; workers put the queue's shared rate gate in its place. */
export function surroundingsOf(settings: Settings, options: SurroundingsOptions): Surroundings {
  return {
    outRoot: options.out,
    hubEndpoint: settings.hubEndpoint,
    hubToken: settings.hubToken,
    gate: localRateGate(systemClock),
    clock: systemClock,
    worker: `${hostname()}/${process.pid}`,
    ...settings.source,
    roots: settings.roots,
    allowPrivateUrls: settings.allowPrivateUrls,
    ...(options.maxBandwidth === undefined ? {} : { bandwidth: limitBandwidth(options.maxBandwidth) }),
    ...(options.cache === undefined
      ? {}
      : { cache: { dir: resolve(options.cache), limitBytes: options.cacheLimit ?? 200_000_000_000 } }),
  };
}
