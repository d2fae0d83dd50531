import { unlessAborted } from "@shardmill/core";
import type { JobEvent, MillQueue } from "@shardmill/queue";
import type { EventBuffer } from "./event-buffer.ts";

interface Ears {
  readonly events: EventBuffer;
  /** Hears all that is told of jobs, also what no reader of the events waits for. */
  readonly onJob?: (event: JobEvent) => void;
}

/** Hears what workers tell of a build and what people ask of it, until the function that it gives is called. */
export function listenTo(queue: MillQueue, build: string, ears: Ears): () => Promise<void> {
  const listening = begin(queue, build, ears);
  listening.catch(() => undefined);
  return async () => {
    const stopping = listening.then((stop) => stop());
    // With Redis away the listeners cannot take their leave; closing the queue ends them.
    await unlessAborted(stopping, AbortSignal.timeout(1_000)).catch(() => undefined);
  };
}

async function begin(queue: MillQueue, build: string, { events, onJob }: Ears): Promise<() => Promise<void>> {
  const stopJobs = await queue.subscribe((event) => {
    // Several output folders may share one Redis.
    if (event.build !== build) return;
    events.push({ kind: "job", event });
    onJob?.(event);
  });
  const stopControl = await queue.watchControl(build, (_, control) =>
    events.push({ kind: "control", control }),
  );
  return async () => {
    await stopControl();
    await stopJobs();
  };
}
