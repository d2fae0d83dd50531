import type { Store } from "./store.ts";

/**
 * Takes files away, for whoever need not know which were there, the first one before any other: in a bucket by a request
 * for it, and one for a thousand others.
 */
export async function takeAway(store: Store, [first, ...others]: readonly string[]): Promise<void> {
  if (first === undefined) return;
  if (store.conditional === null) for (const path of [first, ...others]) await store.remove(path);
  else for (const some of [[first], others]) await store.conditional.takeAway(...some);
}
