// `npm test` and `npm run test:long`: install, build, check, then vitest. Arguments go to vitest.
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";

const long = process.argv.includes("--long");
const rest = process.argv.slice(2).filter((word) => word !== "--long");

prepare();
const vitest = join(root, "node_modules/.bin/vitest");
run(vitest, ["run", ...(long ? ["--config", "vitest.long.config.ts"] : []), ...rest]);
