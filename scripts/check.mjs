// `npm run check`: format, lint, import cycles, types, what nobody uses, layers, links and dependencies; the same command by
// hand and in CI. All of it runs, whatever fails first: a line for each finding, and at the end which steps failed.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { prepare, root } from "./prepare.mjs";

const bin = (name) => join(root, "node_modules/.bin", name);
const node = process.execPath;

/** The configuration of knip lists what is run by name or address; a hint of it that is out of date is an error too. */
const knip = [
  "--no-progress",
  "--treat-config-hints-as-errors",
  "--reporter",
  "./scripts/checks/knip-lines.mjs",
];

const steps = [
  { what: "format, lint and import cycles", run: [bin("biome"), "check", "."] },
  { what: "types of tests", run: [bin("tsc"), "-p", "tsconfig.tests.json"] },
  { what: "types of benches", run: [bin("tsc"), "-b", "bench"] },
  { what: "types of the page", run: [bin("tsc"), "-p", "apps/dashboard"] },
  { what: "what nobody uses", run: [bin("knip"), ...knip] },
  { what: "layers, links, dependencies, sizes", run: [node, "scripts/house.mjs"] },
];

prepare();
const failed = steps.filter(({ what, run: [command, ...args] }) => {
  process.stdout.write(`Checking ${what} ...\n`);
  return spawnSync(command, args, { cwd: root, stdio: "inherit" }).status !== 0;
});
if (failed.length > 0) {
  process.stderr.write(`\nnpm run check failed at: ${failed.map(({ what }) => what).join("; ")}\n`);
  process.exitCode = 1;
}
