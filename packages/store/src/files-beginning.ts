import type { Store } from "./store.ts";

/** Paths of the files in one folder that begin so, by name. */
export async function filesBeginning(store: Store, start: string): Promise<string[]> {
  if (store.conditional !== null) return (await store.conditional.beginning(start)).map(({ path }) => path);
  const files = await store.list(start.slice(0, start.lastIndexOf("/")));
  return files.filter((path) => path.startsWith(start));
}
