import { join } from "node:path";
import type { FileSystem } from "@shardmill/store";
import type { FileOutcome } from "./outcome.ts";
import { keyOfPartial, partialKey } from "./own-names.ts";

/** Unfinished files under names that are whole now: of another revision that was given up, whose bytes nobody will ask for. */
export async function removeLeftovers(
  fs: FileSystem,
  dir: string,
  outcomes: readonly FileOutcome[],
): Promise<void> {
  const wholeIn = new Map<string, Set<string>>();
  for (const { path, state } of outcomes) {
    if (state === "failed") continue;
    const words = path.split("/");
    const name = words.pop() ?? "";
    const folder = join(dir, ...words);
    wholeIn.set(folder, (wholeIn.get(folder) ?? new Set()).add(partialKey(name)));
  }
  for (const [folder, whole] of wholeIn)
    for (const { name, isFolder } of await fs.readdir(folder)) {
      const key = keyOfPartial(name);
      if (!isFolder && key !== null && whole.has(key)) await fs.unlink(join(folder, name));
    }
}
