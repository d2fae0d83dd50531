// The command as few files: node takes longer to find and compile 1,300 of them than to do what most commands do.
// apps/cli/dist/bundle holds the rooms and what they need of the registry, but for what is native or looks for files of its
// own. Each module keeps its place: where it asks for `import.meta.url`, it is told the file that it was made from.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const outside = [
  /^@anush008\//,
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
    plugins: [keepPlaces(dir)],
    logLevel: "silent",
  });
  try {
    rmSync(dir, { recursive: true, force: true });
    const { output } = await made.write({ dir, format: "esm", chunkFileNames: "[name]-[hash].js" });
    writeFileSync(join(dir, "LICENSES.txt"), licences(output));
  } finally {
    await made.close();
  }
}

function keepPlaces(dir) {
  return {
    name: "keep-places",
    transform(code, id) {
      if (id.includes("/node_modules/") || !code.includes("import.meta.url")) return null;
      const here = `new URL(${JSON.stringify(relative(dir, id))}, import.meta.url).href`;
      return { code: code.replaceAll("import.meta.url", here) };
    },
  };
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
  const text =
    file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  return `${version}, ${license}\n\n${text.trim()}\n`;
}

await bundle(fileURLToPath(new URL("..", import.meta.url)));
