// `npm run pack [-- --to DIR]`: the command as one npm package, `shardmill-<version>.tgz`, that installs with `npm i -g`, `npx` or
// into a project and needs no build. The tarball keeps the folders of this repository, so that every file is found where a clone
// has it. The rooms are bundled in it; what they need of the npm registry, the package itself depends on, at the same versions.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { prepare, root } from "./prepare.mjs";

const command = "apps/cli";
const asTheyAre = ["README.md", "CHANGELOG.md", "docs", "config", "apps/cli/bin", "apps/dashboard/dist"];

const { values } = parseArgs({ options: { to: { type: "string", default: process.cwd() } } });
prepare({ quiet: true });
const to = resolve(values.to);
const stage = mkdtempSync(join(tmpdir(), "shardmill-pack-"));
try {
  writePackage(stage);
  mkdirSync(to, { recursive: true });
  console.log(join(to, pack(stage, to)));
} finally {
  rmSync(stage, { recursive: true, force: true });
}

function writePackage(stage) {
  // The pictures of the docs are several times as large as all the code.
  const filter = (path) => !path.endsWith(".png");
  for (const path of asTheyAre) cpSync(join(root, path), join(stage, path), { recursive: true, filter });
  const rooms = roomsOf(command);
  for (const [name, folder] of rooms) copyRoom(folder, join(stage, "node_modules", name));
  copyRoom(command, join(stage, command));
  writeJson(join(stage, "package.json"), packageOf(rooms));
}

/** The rooms that a folder imports, itself or through others: name -> folder. */
function roomsOf(folder, found = new Map()) {
  for (const [name, at] of allRooms()) {
    if (found.has(name) || manifestOf(folder).dependencies?.[name] === undefined) continue;
    found.set(name, at);
    roomsOf(at, found);
  }
  return found;
}

function allRooms() {
  const folders = ["packages", "workers", "apps"].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => `${kind}/${name}`),
  );
  return folders.map((folder) => [manifestOf(folder).name, folder]);
}

/** What runs of a room: its JavaScript, without tests, types and maps, and who it is. */
function copyRoom(folder, target) {
  const runs = (path) => !/\.(d\.ts|map|tsbuildinfo)$|\.test\.js$/.test(path);
  cpSync(join(root, folder, "dist"), join(target, "dist"), { recursive: true, filter: runs });
  const { name, version, type, exports } = manifestOf(folder);
  writeJson(join(target, "package.json"), { name, version, private: true, type, exports });
}

function packageOf(rooms) {
  const { name, version, bin } = manifestOf(command);
  const { description, license, engines, type } = manifestOf(".");
  const taken = (kind) => {
    const all = [command, ...rooms.values()].flatMap((folder) =>
      Object.entries(manifestOf(folder)[kind] ?? {}),
    );
    return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin: Object.fromEntries(Object.entries(bin).map(([word, file]) => [word, `${command}/${file}`])),
    dependencies: taken("dependencies"),
    optionalDependencies: taken("optionalDependencies"),
    bundleDependencies: [...rooms.keys()].sort(),
  };
}

/** Returns the name of the tarball in `to`. */
function pack(stage, to) {
  const words = ["pack", "--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", to];
  const done = spawnSync("npm", words, {
    cwd: stage,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (done.status !== 0) throw new Error(`npm pack ended with ${done.status ?? done.signal}`);
  return JSON.parse(done.stdout)[0].filename;
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
