import { recordVersion } from "@shardmill/core";
import { type Records, readRecord, recordText } from "@shardmill/store";
import { z } from "zod";

const unfetchedSchema = z.object({
  version: z.literal(recordVersion),
  /** Questions whose media are in no part and in no root. */
  questions: z.int().nonnegative(),
  /** What they ask about, in the order of the files; of very many the first. */
  media: z.array(
    z.object({ subset: z.string().nullable(), media: z.string(), questions: z.int().positive() }),
  ),
});

/** Of a benchmark, as it was when the build ended last: the questions whose media nobody fetched. */
export type Unfetched = Omit<z.output<typeof unfetchedSchema>, "version">;

export function readUnfetched({ store, paths }: Records): Promise<Unfetched | null> {
  return readRecord(store, paths.unfetched, unfetchedSchema);
}

export async function writeUnfetched({ store, paths }: Records, unfetched: Unfetched): Promise<void> {
  await store.put(paths.unfetched, recordText({ version: recordVersion, ...unfetched }));
}
