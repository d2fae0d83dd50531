import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** `name version` of the packages that pixels and JPEGs depend on, as they are installed: none of them is loaded. */
export function libraryVersions(): string[] {
  return ["node-av", "sharp"].map((name) => `${name} ${versionOf(name) ?? "is not installed"}`);
}

function versionOf(name: string): string | null {
  let file: string;
  try {
    file = require.resolve(name);
  } catch {
    return null;
  }
  // Neither package lets its package.json be asked for by name.
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "package.json");
    const found = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>) : {};
    if (found.name === name) return String(found.version);
  }
  return null;
}
