// What no linter knows of this repository: the layers of its rooms, the links of its pages, the reasons of its dependencies.
// `node scripts/house.mjs [root]` prints a line for each finding and ends with 1 when there is one.
import { checkDependencies } from "./checks/dependencies.mjs";
import { checkFileSizes } from "./checks/file-sizes.mjs";
import { checkFolders } from "./checks/folders.mjs";
import { checkLayers } from "./checks/layers.mjs";
import { checkLinks } from "./checks/links.mjs";
import { checkStorePaths } from "./checks/store-paths.mjs";
import { filesOf } from "./checks/tree.mjs";
import { root as here } from "./prepare.mjs";

const root = process.argv[2] ?? here;
const files = filesOf(root);
const checks = [checkLayers, checkFolders, checkLinks, checkDependencies, checkFileSizes, checkStorePaths];
const findings = checks.flatMap((check) => check(root, files));
for (const { file, line, what } of findings) console.log(`${file}:${line}: ${what}`);
process.exitCode = findings.length === 0 ? 0 : 1;
