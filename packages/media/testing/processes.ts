import { readdirSync, readFileSync } from "node:fs";

/** The media children of this test's process. */
export function mediaChildren(): number[] {
  return childrenOf(process.pid).filter((pid) => text(`/proc/${pid}/cmdline`).includes("child/main.js"));
}

export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      text(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

export function isStopped(pid: number): boolean {
  return stateOf(pid) === "T";
}

export function isRunning(pid: number): boolean {
  return !["", "Z"].includes(stateOf(pid));
}

export function residentMib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(text(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

/** Asks until the condition holds; the test's own time limit ends it otherwise. */
export async function until<T>(condition: () => T | null): Promise<T> {
  for (;;) {
    const value = condition();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function stateOf(pid: number): string {
  const stat = text(`/proc/${pid}/stat`);
  return stat === "" ? "" : stat.charAt(stat.lastIndexOf(")") + 2);
}

function text(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
