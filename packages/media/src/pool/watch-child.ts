import { type ChildLimits, cpuLimitS } from "./child-limits.ts";
import { ChildLost } from "./child-lost.ts";
import { readProcessFacts } from "./child-process-facts.ts";
import type { MediaChild } from "./media-child.ts";

/**
 * Looks at a child every quarter of a second and kills it over a limit; with `looksFirst` also before the work begins, for
 * what has grown between two short clips must not meet the next one. Returns what ends the watch.
 */
export function watchChild(
  child: MediaChild,
  work: {
    readonly sizeBytes: number;
    readonly memoryLimitBytes: number;
    readonly limits: ChildLimits;
    readonly looksFirst: boolean;
  },
): { onProbe: (durationS: number) => void; stop: () => void } {
  const { limits, sizeBytes } = work;
  const startedMs = Date.now();
  const { pid } = child;
  // Counted from the first look on.
  let cpuBeforeS: number | null = null;
  let durationS = 0;

  const look = (): void => {
    const allowedS = cpuLimitS(limits, sizeBytes, durationS);
    const facts = pid === null ? null : readProcessFacts(pid);
    cpuBeforeS ??= facts?.cpuSeconds ?? null;
    const lost =
      overtime(startedMs, allowedS * limits.wallFactor) ??
      silent(child, startedMs, limits.heartbeatS) ??
      (facts === null
        ? null
        : overLimit({ ...facts, cpuSeconds: facts.cpuSeconds - (cpuBeforeS ?? 0) }, work, allowedS));
    if (lost !== null) child.kill(lost);
  };
  if (work.looksFirst) look();
  const timer = setInterval(look, limits.pollMs);
  return {
    onProbe: (seconds) => {
      durationS = Math.max(0, seconds);
    },
    stop: () => clearInterval(timer),
  };
}

function overtime(startedMs: number, allowedS: number): ChildLost | null {
  const wallS = (Date.now() - startedMs) / 1000;
  if (wallS <= allowedS) return null;
  return new ChildLost(
    "decode_timeout",
    `${Math.round(wallS)} s on the clock; ${Math.round(allowedS)} s are allowed`,
  );
}

function silent(child: MediaChild, startedMs: number, allowedS: number): ChildLost | null {
  const silentS = (Date.now() - Math.max(child.lastBeatMs, startedMs)) / 1000;
  if (silentS <= allowedS) return null;
  return new ChildLost("decode_timeout", `no sign of life for ${Math.round(silentS)} s`);
}

function overLimit(
  facts: { readonly cpuSeconds: number; readonly rssBytes: number; readonly isStopped: boolean },
  work: { readonly memoryLimitBytes: number },
  allowedS: number,
): ChildLost | null {
  if (facts.isStopped) return new ChildLost("decode_timeout", "the child was stopped by a signal");
  if (facts.rssBytes > work.memoryLimitBytes)
    return new ChildLost(
      "decode_oom",
      `${mib(facts.rssBytes)} MiB resident; ${mib(work.memoryLimitBytes)} MiB are allowed`,
    );
  if (facts.cpuSeconds > allowedS)
    return new ChildLost(
      "decode_timeout",
      `${Math.round(facts.cpuSeconds)} CPU seconds; ${Math.round(allowedS)} are allowed`,
    );
  return null;
}

function mib(bytes: number): number {
  return Math.round(bytes / (1024 * 1024));
}
