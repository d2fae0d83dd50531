// The command as few files: node takes longer to find and compile 1,300 of them than to do what most commands do.
// apps/cli/dist/bundle holds the rooms and what they need of the registry, but for what is native, looks for files of its
// own or is only wanted for an output in a bucket. Each module keeps its place: where it asks for `import.meta.url`, it is told the file that it was made from.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const outside = [
  /^@anush008\//,
  /^@aws-sdk\//,
  /^@duckdb\//,
  /^@ffmpeg-binary\//,
  /^dejavu-fonts-ttf/,
  /^msgpackr-extract/,
  /^node-av/,
  /^pino/,
  /^sharp/,
];

async function bundle(root) {
  const dir = join(root, "apps/cli/dist/bundle");
  const made = await rolldown({
    cwd: root,
    input: { main: join(root, "apps/cli/dist/main.js") },
    platform: "node",
    external: outside,
    plugins: [keepPlaces(root, dir)],
    logLevel: "silent",
  });
  try {
    const { output } = await made.generate({ dir, format: "esm", chunkFileNames: "[name]-[hash].js" });
    const files = new Map(output.map(({ fileName, code }) => [fileName, code]));
    replace(dir, files.set("LICENSES.txt", licences(output)));
  } finally {
    await made.close();
  }
}

/** Makes these all that a folder has. A command that runs meanwhile finds each file whole: the same bytes are not written again. */
function replace(dir, files) {
  mkdirSync(dir, { recursive: true });
  for (const [name, text] of files) {
    const path = join(dir, name);
    if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
    const fresh = `${path}.${process.pid}`;
    writeFileSync(fresh, text);
    renameSync(fresh, path);
  }
  for (const name of readdirSync(dir)) if (!files.has(name)) rmSync(join(dir, name), { force: true });
}

function keepPlaces(root, dir) {
  return {
    name: "keep-places",
    transform(code, id) {
      if (id.startsWith("\0") || id.includes("/node_modules/") || !code.includes("import.meta.url"))
        return null;
      const here = `new URL(${JSON.stringify(relative(dir, inModules(root, id)))}, import.meta.url).href`;
      return { code: code.replaceAll("import.meta.url", here) };
    },
  };
}

/** A room by the name under which a clone and the installed package both have it. */
function inModules(root, file) {
  const [, room, inRoom] = relative(root, file).match(/^((?:packages|workers)\/[^/]+)\/(.*)$/) ?? [];
  if (room === undefined) return file;
  const { name } = JSON.parse(readFileSync(join(root, room, "package.json"), "utf8"));
  return join(root, "node_modules", name, inRoom);
}

/** The licences of what came from the registry, each with its text: they ask for that where their code is handed on. */
function licences(output) {
  const ids = output.flatMap((chunk) => Object.keys(chunk.modules ?? {}));
  const folders = ids.flatMap((id) => id.match(/^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []);
  return [...new Set(folders)]
    .map((folder) => [folder.split("/node_modules/").at(-1), folder])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, folder]) => `${name}: ${licenceOf(folder)}`)
    .join(`\n${"-".repeat(100)}\n`);
}

function licenceOf(folder) {
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8");
  return `${version}, ${license}\n\n${text.trim()}\n`;
}

await bundle(fileURLToPath(new URL("..", import.meta.url)));
