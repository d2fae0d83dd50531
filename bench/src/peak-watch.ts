import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { descendantRssKib, ownedWorker } from "./process-tree.ts";

export interface Peaks {
  /** Largest resident memory of one worker process, MiB. */
  readonly workerMiB: number;
  /** Most bytes seen at once in the folder for temporary files. */
  readonly scratchBytes: number;
}

/** Looks at the workers' memory and at a folder for temporary files until it is stopped. */
export function watchPeaks(scratch: string): { stop: () => Peaks } {
  let workerKib = 0;
  let scratchBytes = 0;
  const look = (): void => {
    workerKib = Math.max(workerKib, descendantRssKib(ownedWorker));
    scratchBytes = Math.max(scratchBytes, bytesBelow(scratch));
  };
  const timer = setInterval(look, 100);
  return {
    stop: () => {
      look();
      clearInterval(timer);
      if (workerKib === 0) throw new Error("no worker was seen: its memory cannot be told");
      return { workerMiB: workerKib / 1024, scratchBytes };
    },
  };
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).reduce((sum, name) => {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    return sum + (stat?.isFile() === true ? stat.size : 0);
  }, 0);
}
