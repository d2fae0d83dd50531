// `npm test` and `npm run test:long`: install, build, then vitest. Further arguments go to vitest.
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";
import { installTestTools } from "./test-tools.mjs";

const isLong = process.argv.includes("--long");
const rest = process.argv.slice(2).filter((word) => word !== "--long");

prepare();
installTestTools();
const config = isLong ? ["--config", "vitest.long.config.ts"] : [];
run(join(root, "node_modules/.bin/vitest"), ["run", ...config, ...rest]);
