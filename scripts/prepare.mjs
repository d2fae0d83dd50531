// Brings a fresh clone to the point where anything can run: dependencies installed, everything built.
// Quick when there is nothing to do. Nothing but Node's own modules may be imported here.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const oldestNode = [20, 19];

/** Runs a command with its output shown (or kept back unless it fails); ends the process when it fails. */
export function run(command, args, { quiet = false, env = {} } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: quiet ? "pipe" : "inherit",
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (result.status === 0) return;
  if (quiet) process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  process.stderr.write(
    `\n${[command, ...args].join(" ")} ended with ${result.status ?? result.signal ?? result.error?.message}\n`,
  );
  process.exit(result.status || 1);
}

/** `quiet`: nothing on standard output, for commands whose output a program reads. */
export function prepare({ quiet = false } = {}) {
  const say = (line) => (quiet ? process.stderr : process.stdout).write(line);
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    process.stderr.write(
      `Shardmill needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}.\n`,
    );
    process.exit(3);
  }
  if (!isInstalled()) {
    say("Installing dependencies from the npm registry (once; about a minute) ...\n");
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=5"]);
  }
  linkPackages();
  say("Building ...\n");
  run(join(root, "node_modules/.bin/tsc"), ["-b"], { quiet: true });
  run(process.execPath, [join(root, "scripts/bundle.mjs")], { quiet: true });
  run("npm", ["run", "--silent", "build", "--workspace", "@shardmill/dashboard"], { quiet: true });
}

/** A package of our own that came with a pull is one link, as npm makes it: nothing has to be fetched for it. */
function linkPackages() {
  for (const [path, { link, resolved }] of Object.entries(versions(join(root, "package-lock.json")))) {
    if (!link || existsSync(join(root, path))) continue;
    symlinkSync(relative(dirname(path), resolved), join(root, path), "junction");
  }
}

/** npm writes node_modules/.package-lock.json last; it names the same packages as the lockfile when nothing changed. */
function isInstalled() {
  const marker = join(root, "node_modules/.package-lock.json");
  if (!existsSync(marker)) return false;
  const wanted = versions(join(root, "package-lock.json"));
  const present = versions(marker);
  return Object.entries(wanted).every(
    ([path, { version, optional, os }]) =>
      optional || os || !path.startsWith("node_modules/") || present[path]?.version === version,
  );
}

function versions(file) {
  const { packages } = JSON.parse(readFileSync(file, "utf8"));
  delete packages[""];
  return packages;
}
