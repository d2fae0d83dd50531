/** All items of an async iterable; for lists that are known to fit (a shard's members, a part's lines). */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
