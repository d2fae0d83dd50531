import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;
/** The command line of a worker that a build begins for itself. */
export const ownedWorker = /\.js worker --owned/;

/** CPU seconds of this process, of its children that have ended, and of those that live, all the way down. */
export function treeCpuSeconds(pid: number = process.pid): number {
  const stat = text(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const own = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0) / TICKS_PER_SECOND;
  return childrenOf(pid).reduce((sum, child) => sum + treeCpuSeconds(child), own);
}

/**
 * Watches the resident memory of all processes below this one; `stop` gives the highest sum seen, MiB. A look reads a file
 * for each thread: more of them would cost the contender with long-lived children some per cent of its time.
 */
export function watchPeakMemory(): { stop: () => number } {
  let peakKib = 0;
  const look = (): void => {
    peakKib = Math.max(peakKib, treeKib(process.pid) - ownKib(process.pid));
  };
  const timer = setInterval(look, 250);
  return {
    stop: () => {
      look();
      clearInterval(timer);
      return peakKib / 1024;
    },
  };
}

function treeKib(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + treeKib(child), ownKib(pid));
}

function ownKib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(text(`/proc/${pid}/status`))?.[1] ?? 0);
}

function childrenOf(pid: number): number[] {
  let threads: string[] = [];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) =>
    text(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
  );
}

function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** Resident memory of the largest process below this one whose command line matches. */
export function descendantRssKib(command: RegExp, pid: number = process.pid): number {
  return childrenOf(pid).reduce((most, child) => {
    const isMatch = command.test(text(`/proc/${child}/cmdline`).replaceAll("\0", " "));
    return Math.max(most, isMatch ? ownKib(child) : 0, descendantRssKib(command, child));
  }, 0);
}
