// What lies in an output is reached through its store alone, so that a bucket may be in the place of a folder: no path is
// put together from a store's root, and no output root is taken for a path of this machine.
import { linesOf } from "./tree.mjs";

const byHand = [
  /\bjoin\([^)]*\bstore\.root\b/,
  /\bjoin\((?:options\.)?out(?:Root)?,/,
  /\bresolve\((?:options\.)?out(?:Root)?\b/,
  /\$\{[\w.]*store\.root\}\//,
];
/** What they take for `out` is a folder of this machine: of models, of a demonstration, for a trial of the disk. */
const allowed = [
  /^packages\/store\//,
  /^apps\/cli\/src\/actions\/(?:get-model|demo)\.ts$/,
  /^apps\/cli\/src\/doctor\/try-output\.ts$/,
];

export function checkStorePaths(root, files) {
  const sources = files.filter(
    (file) =>
      /^(packages|workers|apps)\/[^/]+\/src\/.*(?<!\.test)\.ts$/.test(file) &&
      !allowed.some((one) => one.test(file)),
  );
  return sources.flatMap((file) =>
    linesOf(root, file).flatMap((text, at) =>
      byHand.some((pattern) => pattern.test(text))
        ? [{ file, line: at + 1, what: "a path into an output by hand: its store reads and writes it" }]
        : [],
    ),
  );
}
