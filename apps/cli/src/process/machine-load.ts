import { cpus } from "node:os";
import { readProcessFacts } from "@shardmill/media";
import type { MachineLoad } from "@shardmill/pipeline";

/** Looks at this machine until it is asked what others took of it: all that neither this process nor its children did. */
export function watchLoad(): () => MachineLoad | null {
  const before = look();
  return () => {
    const after = look();
    const seconds = (after.atMs - before.atMs) / 1000;
    if (before.own === null || after.own === null || seconds <= 0) return null;
    const others = (after.busy - before.busy - (after.own - before.own)) / seconds;
    const processors = cpus().length;
    return { processors, others: Math.min(processors, Math.max(0, others)) };
  };
}

/** In seconds of a processor. Children count when they have ended. */
function look() {
  const busy = cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
  return {
    atMs: performance.now(),
    busy: busy / 1000,
    own: readProcessFacts(process.pid)?.cpuSeconds ?? null,
  };
}
