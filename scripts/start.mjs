// `npm start`: from a fresh clone to verified shards of the demo dataset.
import { prepare, root, run } from "./prepare.mjs";

prepare();
run(process.execPath, [`${root}/apps/cli/bin/shardmill.js`, "demo", ...process.argv.slice(2)]);
