import type { Difference } from "./compare-tree.ts";
import type { WantedFile } from "./wanted-file.ts";

/** What goes into one commit. */
export interface Batch {
  readonly files: readonly WantedFile[];
  readonly remove: readonly string[];
}

/** The Hub advises fewer than 100 files a commit; half of it also bounds what an answer that is lost costs. */
const mostFiles = 50;

/**
 * Shards first; card, lists and indexes together when all that they name is there; then, in the same commit as far as it has
 * room, what they name no more.
 */
export function commitBatches({ send, remove }: Pick<Difference, "send" | "remove">): Batch[] {
  const batches: Batch[] = chunks(send.filter(({ isList }) => !isList)).map((files) => ({
    files,
    remove: [],
  }));
  const lists = send.filter(({ isList }) => isList);
  const room = mostFiles - lists.length;
  if (lists.length > 0 || remove.length > 0) batches.push({ files: lists, remove: remove.slice(0, room) });
  return [...batches, ...chunks(remove.slice(room)).map((paths) => ({ files: [], remove: paths }))];
}

function chunks<T>(items: readonly T[]): (readonly T[])[] {
  const count = Math.ceil(items.length / mostFiles);
  return Array.from({ length: count }, (_, at) => items.slice(at * mostFiles, (at + 1) * mostFiles));
}
