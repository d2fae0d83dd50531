// Every folder of a room stands in the table of folders in docs/architecture.md; that what stands there exists is seen by links.mjs.
import { dirname } from "node:path";
import { linesOf } from "./tree.mjs";

const page = "docs/architecture.md";

export function checkFolders(root, files) {
  const rows = linesOf(root, page).filter((text) => text.startsWith("|"));
  const folders = files
    .map(dirname)
    .filter((folder) => /^(packages|workers|apps)\/[^/]+\/src\/[^/]+$/.test(folder));
  return [...new Set(folders)]
    .filter((folder) => !rows.some((text) => text.includes(`\`${folder}\``)))
    .map((folder) => ({
      file: page,
      line: 1,
      what: `the table of folders has no row for ${folder}: write one`,
    }));
}
