import { setTimeout as pause } from "node:timers/promises";

/** Looks until it is so. How long that may take says nothing about how long it should: machines are busy. */
export async function until<T>(
  what: string | (() => string),
  look: () => T | Promise<T>,
  withinMs = 240_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const began = performance.now();
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false)
      return found as NonNullable<Exclude<T, false>>;
    if (performance.now() - began > withinMs)
      throw new Error(`waited ${withinMs} ms for: ${typeof what === "string" ? what : what()}`);
    await pause(20);
  }
}
