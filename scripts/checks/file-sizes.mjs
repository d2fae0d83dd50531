// No source file is longer than 300 lines, and no test: what has grown past that holds two things.
import { linesOf } from "./tree.mjs";

const most = 300;

export function checkFileSizes(root, files) {
  const sources = files.filter((file) => /^(packages|workers|apps)\/[^/]+\/src\/.*\.tsx?$/.test(file));
  return sources
    .map((file) => ({ file, lines: linesOf(root, file).length - 1 }))
    .filter(({ lines }) => lines > most)
    .map(({ file, lines }) => ({
      file,
      line: most + 1,
      what: `${lines} lines, ${most} are the limit: split it`,
    }));
}
