import type { OpenQueue } from "../jobs/open-queue.ts";

/** Where values lie that Redis lets expire: their names in a set, and each by itself. */
interface Place<T> {
  readonly names: string;
  readonly keyOf: (name: string) => string;
  readonly schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } };
}

/** Those that have not expired, by name; the names of the others are tidied away. */
export async function living<T>(
  { redis, onError }: OpenQueue,
  { names, keyOf, schema }: Place<T>,
): Promise<T[]> {
  const all = (await redis.smembers(names)).sort();
  if (all.length === 0) return [];
  const texts = await redis.mget(all.map(keyOf));
  const gone = all.filter((_, index) => texts[index] === null);
  // Tidying up can wait for a server that takes no writes now.
  if (gone.length > 0) await redis.srem(names, ...gone).catch(onError);
  return texts.flatMap((text) => {
    const parsed = schema.safeParse(text === null ? null : parseJson(text));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Null for what is no JSON: other programs may write there too. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
