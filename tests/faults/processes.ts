import { readdirSync, readFileSync } from "node:fs";

/** A living process, as /proc shows it. */
export interface Seen {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function allProcesses(): Seen[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        if (state === "Z" || state === "X") return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        // Ended while we looked.
        return [];
      }
    });
}

/** Everything that descends from a process, near ones first. */
export function descendants(pid: number): Seen[] {
  const all = allProcesses();
  const found: Seen[] = [];
  for (let parents = [pid]; parents.length > 0; ) {
    const children = all.filter(({ parent }) => parents.includes(parent));
    found.push(...children);
    parents = children.map((child) => child.pid);
  }
  return found;
}

export type Role = "worker" | "media" | "redis";

const commandOf: Readonly<Record<Role, RegExp>> = {
  worker: /shardmill\.js worker --owned/,
  media: /media\/dist\/child|ffmpeg/,
  redis: /^(\S*\/)?redis-server /,
};

/** The processes of a build by what they do. */
export function processesOf(owner: number, role: Role): Seen[] {
  return descendants(owner).filter(({ command }) => commandOf[role].test(command));
}

export function isAlive(pid: number): boolean {
  return allProcesses().some((seen) => seen.pid === pid);
}

/** True when it was there to be killed. */
export function killHard(pid: number, signal: NodeJS.Signals = "SIGKILL"): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
