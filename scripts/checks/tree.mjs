// What the checks read: the files that git knows or would take, below the root.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Paths from the root, of files that stand there now. */
export function filesOf(root) {
  const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (listed.status !== 0) throw new Error(`git ls-files in ${root}: ${listed.stderr}`);
  const names = listed.stdout.split("\0").filter((name) => name !== "" && existsSync(join(root, name)));
  return [...new Set(names)].sort();
}

export function linesOf(root, file) {
  return readFileSync(join(root, file), "utf8").split("\n");
}

export function jsonOf(root, file) {
  return JSON.parse(readFileSync(join(root, file), "utf8"));
}

/** The line on which a text first stands, counted from one; 1 where it does not. */
export function lineWith(root, file, text) {
  return Math.max(linesOf(root, file).findIndex((line) => line.includes(text)) + 1, 1);
}
