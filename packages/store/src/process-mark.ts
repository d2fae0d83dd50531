import { createHash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Processes } from "@shardmill/core";

/**
 * Who holds a lock or writes a temporary file: a process, told apart from every other one that may share the folder.
 * A pid alone is reused, and means nothing on another machine or in another container.
 */
export interface ProcessMark {
  /** Host name and a few digits of the machine's id. */
  readonly host: string;
  /** Changes with every boot of the machine. */
  readonly boot: string;
  /** Pid namespace: two containers of one machine do not see each other's processes. */
  readonly namespace: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot, or 0 where the system does not tell. */
  readonly startTicks: number;
}

export type ProcessState = ReturnType<Processes["stateOf"]>;

const initialNamespace = "4026531836";
let own: ProcessMark | null = null;

/** This process. */
export function thisProcess(): ProcessMark {
  own ??= Object.freeze({
    host: `${safe(hostname()).slice(0, 48)}.${digest(readText("/etc/machine-id"))}`,
    boot: digest(readText("/proc/sys/kernel/random/boot_id")),
    namespace: pidNamespace(),
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? 0,
  });
  return own;
}

/** Whether that process still runs, as far as this one can know; another machine's processes are `unknown`. */
export function markState(mark: ProcessMark, seenBy: ProcessMark = thisProcess()): ProcessState {
  if (mark.host !== seenBy.host || mark.namespace !== seenBy.namespace) return "unknown";
  if (mark.boot !== seenBy.boot) return mark.namespace === initialNamespace ? "dead" : "unknown";
  const ticks = startTicksOf(mark.pid);
  if (ticks !== null) return ticks === mark.startTicks ? "alive" : "dead";
  return mark.startTicks === 0 && answersSignal(mark.pid) ? "alive" : "dead";
}

/** `<host>~<boot>~<namespace>~<pid>~<start>`, fit for a file name. */
export function markText({ host, boot, namespace, pid, startTicks }: ProcessMark): string {
  return [host, boot, namespace, pid, startTicks].join("~");
}

const pattern = /^([^~]+)~([0-9a-f]{8})~(\d+)~(\d+)~(\d+)$/;

/** Null for any other text. */
export function parseMarkText(text: string): ProcessMark | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, host = "", boot = "", namespace = "", pid, startTicks] = match;
  return { host, boot, namespace, pid: Number(pid), startTicks: Number(startTicks) };
}

/** For those who leave marks of their own elsewhere. */
export const processes: Processes = {
  get own() {
    return markText(thisProcess());
  },
  stateOf(line) {
    const mark = parseMarkText(line);
    return mark === null ? "unknown" : markState(mark);
  },
};

/** Field 22 of /proc/PID/stat; the second field, in parentheses, may hold spaces. A zombie has ended. */
function startTicksOf(pid: number): number | null {
  const text = readText(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  const ticks = Number(fields[19]);
  return text === "" || state === "Z" || state === "X" || !Number.isInteger(ticks) ? null : ticks;
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "") || "0";
  } catch {
    return "0";
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function safe(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, "-");
}
