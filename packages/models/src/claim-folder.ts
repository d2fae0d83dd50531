import { utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Processes } from "@shardmill/core";
import { claim } from "@shardmill/sources";
import { outputFailure, systemCode } from "@shardmill/store";
import { lockName } from "./own-names.ts";

const lookMs = 250;
/** A claim that cannot be seen to be alive is taken over when nothing has touched it for ten minutes. */
const touchMs = 60_000;

export interface ClaimDeps {
  readonly clock: Clock;
  readonly processes: Processes;
  /** Told once, when another holds the folder. */
  readonly onWait: () => void;
}

/**
 * One `get` at a time in a folder: a second one waits while the first lives, and then finds its files there. Nothing is
 * wrong where two should meet nevertheless, since each file is checked before it gets its name.
 */
export async function claimFolder(
  dir: string,
  { clock, processes, onWait }: ClaimDeps,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const path = join(dir, lockName);
  let isTold = false;
  for (;;) {
    signal.throwIfAborted();
    const release = await claimed(path, processes);
    if (release !== null) return keptAlive(path, release);
    if (!isTold) onWait();
    isTold = true;
    await clock.sleep(lookMs, signal);
  }
}

async function claimed(path: string, processes: Processes): Promise<(() => Promise<void>) | null> {
  try {
    return await claim(path, processes);
  } catch (error) {
    throw outputFailure(error, "writing", "");
  }
}

function keptAlive(path: string, release: () => Promise<void>): () => Promise<void> {
  const timer = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(ifSystem);
  }, touchMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await release();
  };
}

/** A touch that fails is made up for by the next one. */
function ifSystem(error: unknown): void {
  if (systemCode(error) === null) throw error;
}
