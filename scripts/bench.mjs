// `npm run bench -- NAME [options]`: measured comparisons, each beside what a user would run instead.
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";

prepare({ quiet: true });
run(join(root, "node_modules/.bin/tsc"), ["-b", "bench"], { quiet: true });
run(process.execPath, [join(root, "bench/dist/run.js"), ...process.argv.slice(2)]);
