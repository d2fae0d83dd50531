import type { WorkerBeat } from "./worker-beat.ts";

/** What the processes of a machine tell, as one worker by the name of its first: what they do, refuse and take, together. */
export function asMachines(beats: readonly WorkerBeat[]): WorkerBeat[] {
  const machines = new Map<string, WorkerBeat[]>();
  for (const beat of beats) {
    const name = beat.partOf ?? beat.worker;
    const those = machines.get(name);
    if (those === undefined) machines.set(name, [beat]);
    else if (beat.worker === name) those.unshift(beat);
    else those.push(beat);
  }
  return [...machines].map(([name, those]) => asOne(name, those));
}

/** Where the first is lost, the others end soon and are told under its name until then. */
function asOne(name: string, those: readonly WorkerBeat[]): WorkerBeat {
  const [first] = those;
  if (first === undefined) throw new Error(`expected a process of ${name}`);
  if (those.length === 1 && first.worker === name) return first;
  return {
    ...first,
    worker: name,
    partOf: null,
    processes: Math.max(first.processes, those.length),
    alive: those.length,
    memoryBytes: sumOrNull(those.map(({ memoryBytes }) => memoryBytes)),
    current: those.flatMap(({ current }) => current),
    limits: first.limits === null ? null : { ...first.limits, maxBytesPerS: bandwidthOf(those) },
    refuses: distinct(those.flatMap(({ refuses }) => refuses)),
  };
}

/** Each holds to its share. */
function bandwidthOf(those: readonly WorkerBeat[]): number | null {
  return sumOrNull(those.map(({ limits }) => limits?.maxBytesPerS ?? null));
}

function sumOrNull(figures: readonly (number | null)[]): number | null {
  return figures.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0);
}

/** Processes of one machine find the same. */
function distinct(refusals: WorkerBeat["refuses"]): WorkerBeat["refuses"] {
  return [...new Map(refusals.map((one) => [`${one.build} ${one.code}`, one])).values()];
}
