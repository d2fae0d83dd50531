import { type Owner, thisOwner } from "./owner.ts";

let made = 0;

/**
 * A name for a temporary file or folder that tells whose it is: `.<name>~<host>~<boot>~<namespace>~<pid>~<start>~<n>.tmp`.
 * It begins with a dot, so that no reader's `*.tar` finds it.
 */
export function temporaryName(name: string, owner: Owner = thisOwner()): string {
  made += 1;
  const tag = [owner.host, owner.boot, owner.namespace, owner.pid, owner.startTicks, made].join("~");
  return `.${name.slice(0, 120)}~${tag}.tmp`;
}

const pattern = /^\.(.*)~([^~]+)~([0-9a-f]{8})~(\d+)~(\d+)~(\d+)~\d+\.tmp$/;

/** What a temporary name says; null for any other name. */
export function parseTemporaryName(fileName: string): { name: string; owner: Owner } | null {
  const match = pattern.exec(fileName);
  if (match === null) return null;
  const [, name = "", host = "", boot = "", namespace = "", pid, startTicks] = match;
  return { name, owner: { host, boot, namespace, pid: Number(pid), startTicks: Number(startTicks) } };
}
