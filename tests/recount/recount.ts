import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./recount.py", import.meta.url));

export interface Recount {
  readonly samples: number;
  readonly frames: number;
  /** By the dataset's name and the part's label, `mixed-p0072`. */
  readonly parts: Readonly<
    Record<
      string,
      { members: number; packed: number; failed: number; skipped: number; byCode: Record<string, number> }
    >
  >;
  readonly problems: readonly string[];
}

/** Null where there is no Python 3 to count with. */
export function findPython(): string | null {
  const found = spawnSync("python3", ["-c", "import json, tarfile"], { stdio: "ignore" });
  return found.status === 0 ? "python3" : null;
}

/** A dataset's folder, counted by a program that shares nothing with the one that made it. */
export function recount(python: string, folder: string): Recount {
  try {
    return JSON.parse(execFileSync(python, [script, folder], { encoding: "utf8", stdio: "pipe" })) as Recount;
  } catch (error) {
    // Exit 1 is a count with disagreements.
    if (error instanceof Error && "status" in error && error.status === 1 && "stdout" in error)
      return JSON.parse(String(error.stdout)) as Recount;
    throw error;
  }
}
