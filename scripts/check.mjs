// `npm run check`: format, lint, types, then the tests; the same command by hand and in CI.
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";

const bin = (name) => join(root, "node_modules/.bin", name);

prepare();
run(bin("biome"), ["check", "."]);
run(bin("tsc"), ["-p", "tsconfig.tests.json"]);
