// `npm run check`: format, lint and types, of the tests and benches too; the same command by hand and in CI.
import { join } from "node:path";
import { prepare, root, run } from "./prepare.mjs";

const bin = (name) => join(root, "node_modules/.bin", name);

prepare();
run(bin("biome"), ["check", "."]);
run(bin("tsc"), ["-p", "tsconfig.tests.json"]);
run(bin("tsc"), ["-b", "bench"]);
