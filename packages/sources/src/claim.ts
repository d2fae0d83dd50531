import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, stat, unlink } from "node:fs/promises";
import { hostname } from "node:os";

/** A claim of another host whose file is older than this is taken over: nothing that is claimed takes that long. */
const foreignStaleMs = 600_000;

let ownId: string | null = null;

/** Tells this process from an earlier one with the same number, as containers have it. */
function own(): string {
  ownId ??= randomUUID();
  return `${hostname()} ${process.pid} ${ownId}`;
}

/**
 * Claims something across processes by making a file that must not exist. Null while somebody else holds it.
 * A holder that is dead is displaced at once. Calling the result gives the claim back.
 */
export async function claim(path: string): Promise<(() => Promise<void>) | null> {
  for (let tries = 0; tries < 3; tries += 1) {
    const handle = await open(path, "wx").catch(ifCode("EEXIST"));
    if (handle !== null) {
      await handle.writeFile(own());
      await handle.close();
      return async () => void (await unlink(path).catch(ifCode("ENOENT")));
    }
    if (!(await displaceDead(path))) return null;
  }
  return null;
}

async function displaceDead(path: string): Promise<boolean> {
  const holder = await readFile(path, "utf8").catch(ifCode("ENOENT"));
  if (holder === null) return true;
  if (!(await isDead(holder, path))) return false;
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(ifCode("ENOENT"));
  const displaced = await readFile(aside, "utf8").catch(ifCode("ENOENT"));
  // Somebody was faster and it is their fresh claim that we hold in hand: give it back.
  if (displaced !== null && displaced !== holder) await link(aside, path).catch(ifCode("EEXIST"));
  await unlink(aside).catch(ifCode("ENOENT"));
  return true;
}

async function isDead(holder: string, path: string): Promise<boolean> {
  const [host, pid] = holder.split(" ");
  const ageMs = Date.now() - ((await stat(path).catch(ifCode("ENOENT")))?.mtimeMs ?? 0);
  // An empty file is a claim being written; one that stays empty lost its writer.
  if (holder === "") return ageMs > 5_000;
  if (host !== hostname()) return ageMs > foreignStaleMs;
  if (Number(pid) === process.pid) return holder !== own();
  return !isAlive(Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Turns one expected system error into null. */
export function ifCode(code: string): (error: unknown) => null {
  return (error) => {
    if (error instanceof Error && "code" in error && error.code === code) return null;
    throw error;
  };
}
