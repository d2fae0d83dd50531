/** So many at a time; when one fails the others are aborted and awaited. Results in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result[]> {
  const stop = new AbortController();
  const own = AbortSignal.any([signal, stop.signal]);
  const results: Result[] = [];
  const waiting = items.entries();
  const run = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      own.throwIfAborted();
      try {
        results[at] = await work(item, own);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }
  };
  await Promise.allSettled(Array.from({ length: atOnce }, run));
  own.throwIfAborted();
  return results;
}
