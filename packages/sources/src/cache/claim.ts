import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, stat, unlink } from "node:fs/promises";
import type { Processes } from "@shardmill/core";

/** A claim of a process that cannot be seen from here and older than this is taken over: nothing claimed takes that long. */
const foreignStaleMs = 600_000;

/**
 * Claims something across processes by making a file that must not exist. Null while somebody else holds it.
 * A holder that is dead is displaced at once. Calling the result gives the claim back.
 */
export async function claim(path: string, processes: Processes): Promise<(() => Promise<void>) | null> {
  for (let tries = 0; tries < 3; tries += 1) {
    const handle = await open(path, "wx").catch(ifCode("EEXIST"));
    if (handle !== null) {
      await handle.writeFile(processes.own);
      await handle.close();
      return async () => void (await unlink(path).catch(ifCode("ENOENT")));
    }
    if (!(await displaceDead(path, processes))) return null;
  }
  return null;
}

async function displaceDead(path: string, processes: Processes): Promise<boolean> {
  const holder = await readFile(path, "utf8").catch(ifCode("ENOENT"));
  if (holder === null) return true;
  if (!(await isDead(holder, path, processes))) return false;
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(ifCode("ENOENT"));
  const displaced = await readFile(aside, "utf8").catch(ifCode("ENOENT"));
  // Somebody was faster and it is their fresh claim that we hold in hand: give it back.
  if (displaced !== null && displaced !== holder) await link(aside, path).catch(ifCode("EEXIST"));
  await unlink(aside).catch(ifCode("ENOENT"));
  return true;
}

async function isDead(holder: string, path: string, processes: Processes): Promise<boolean> {
  const state = processes.stateOf(holder);
  if (state !== "unknown") return state === "dead";
  const ageMs = Date.now() - ((await stat(path).catch(ifCode("ENOENT")))?.mtimeMs ?? 0);
  // An empty file is a claim being written; one that stays empty lost its writer.
  return ageMs > (holder === "" ? 5_000 : foreignStaleMs);
}

/** Turns one expected system error into null. */
export function ifCode(code: string): (error: unknown) => null {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === code) return null;
    throw error;
  };
}
