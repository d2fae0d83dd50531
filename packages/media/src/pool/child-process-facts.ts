import { readFileSync } from "node:fs";

/** What /proc says about a child and the processes that it started (an ffmpeg), or null where there is no /proc. */
export interface ProcessFacts {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** One of the processes is stopped (SIGSTOP, a debugger): it would hold its clip for ever. */
  readonly isStopped: boolean;
}

/** USER_HZ is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export function readProcessFacts(pid: number): ProcessFacts | null {
  const own = readOne(pid);
  if (own === null) return null;
  let { cpuSeconds, rssBytes, isStopped } = own;
  for (const childPid of childrenOf(pid)) {
    const child = readOne(childPid);
    if (child === null) continue;
    cpuSeconds += child.cpuSeconds;
    rssBytes += child.rssBytes;
    isStopped ||= child.isStopped;
  }
  return { cpuSeconds, rssBytes, isStopped };
}

function readOne(pid: number): ProcessFacts | null {
  const stat = readText(`/proc/${pid}/stat`);
  const status = readText(`/proc/${pid}/status`);
  if (stat === null || status === null) return null;
  // The second field is the command's name and may hold spaces and brackets: count from the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index] ?? 0), 0);
  const rssKib = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  const state = fields[0] ?? "";
  return {
    cpuSeconds: ticks / TICKS_PER_SECOND,
    rssBytes: rssKib * 1024,
    isStopped: state === "T" || state === "t",
  };
}

function childrenOf(pid: number): number[] {
  const text = readText(`/proc/${pid}/task/${pid}/children`);
  return text === null ? [] : text.split(" ").map(Number).filter(Boolean);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}
