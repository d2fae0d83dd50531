import { randomUUID } from "node:crypto";
import { Failure } from "@shardmill/core";
import type { Store } from "./store.ts";

/** As often as another change comes between. */
const mostRounds = 20;

/** Null: what lies there stays as it is. */
export type Change = (bytes: Uint8Array | null) => string | Uint8Array | null;

/**
 * Makes another file of the one that lies there. In a bucket it takes the place of that one alone: as often as somebody
 * else's comes between, the change is made of that.
 */
export async function changeFile(store: Store, path: string, change: Change): Promise<"changed" | "left"> {
  const { conditional } = store;
  for (let round = 0; round < mostRounds; round += 1) {
    const found = await store.readUnless(path, null);
    const read = found === "same" ? null : found;
    const data = change(read?.bytes ?? null);
    if (data === null) return "left";
    if (conditional === null) {
      await store.put(path, data);
      return "changed";
    }
    // Nobody else's, so that after a lost answer it is known for one's own.
    const how = { owner: `change ${randomUUID()}`, over: read?.stamp ?? null };
    if ((await conditional.place(path, data, how)) === "done") return "changed";
  }
  throw new Failure("output_conflict", `${path} is changed by others again and again`, {
    where: { path },
    retry: "later",
  });
}
