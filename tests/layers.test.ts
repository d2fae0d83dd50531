import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** Imports run one way; docs/architecture.md holds the table that this test compares the code with. */
const root = fileURLToPath(new URL("..", import.meta.url));

/** Rooms by folder, and what each may import, as the table in docs/architecture.md says. */
function tableOfDocs(): Map<string, Set<string>> {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const table = text.slice(text.indexOf("<!-- layers -->"), text.indexOf("<!-- /layers -->"));
  const rooms = new Map<string, Set<string>>();
  for (const [, room, may] of table.matchAll(/^\| `([^`]+)` \| ([^|]*) \|/gm)) {
    if (room === undefined || may === undefined) continue;
    rooms.set(room, new Set([...may.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "")));
  }
  return rooms;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

/** Names of packages and relative paths a file imports. Test files may also import what they test against. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
}

const rooms = tableOfDocs();
const nameOf = new Map(
  [...rooms.keys()].map((room) => {
    const { name } = JSON.parse(readFileSync(join(root, room, "package.json"), "utf8")) as { name: string };
    return [name, room] as const;
  }),
);

/** `@shardmill/api/contract` is a door of `@shardmill/api`. */
function roomOf(name: string): string | undefined {
  return nameOf.get(name.split("/").slice(0, 2).join("/"));
}

function complaint(room: string, allowed: ReadonlySet<string>, file: string, name: string): string[] {
  const target = roomOf(name);
  if (target !== undefined && !allowed.has(target)) return [`${file} imports ${name}`];
  const reachesOut = name.startsWith(".") && !join(file, "..", name).startsWith(`${room}/`);
  return reachesOut ? [`${file} reaches out: ${name}`] : [];
}

describe("imports against the table in docs/architecture.md", () => {
  it("names every room that exists, and no other", () => {
    const folders = ["packages", "workers", "apps"].flatMap((top) =>
      readdirSync(join(root, top), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${top}/${entry.name}`),
    );
    expect([...rooms.keys()].sort()).toEqual(folders.sort());
  });

  it.each([...rooms.keys()])("%s imports only what its row allows", (room) => {
    const allowed = rooms.get(room) ?? new Set();
    const wrong: string[] = [];
    for (const file of sourceFiles(join(room, "src"))) {
      if (/\.test\.tsx?$/.test(file)) continue;
      wrong.push(...importsOf(file).flatMap((name) => complaint(room, allowed, file, name)));
    }
    expect(wrong).toEqual([]);
  });

  it("has no cycle", () => {
    const level = (room: string, path: readonly string[]): void => {
      expect(path, "a cycle").not.toContain(room);
      for (const next of rooms.get(room) ?? []) level(next, [...path, room]);
    };
    for (const room of rooms.keys()) level(room, []);
  });
});

describe("the size of files", () => {
  const folders = [...rooms.keys()].flatMap((room) => [join(room, "src"), join(room, "testing")]);
  const files = [...folders.filter((folder) => existsSync(join(root, folder))), "tests", "bench/src"]
    .flatMap(sourceFiles)
    .filter((file) => !file.includes("node_modules"));
  /** Still to be split. */
  const tooLong = ["packages/catalogue/src/sample-text.test.ts"];
  it("no file is longer than 300 lines, tests and what they share included", () => {
    const long = files.filter((file) => readFileSync(join(root, file), "utf8").split("\n").length > 301);
    expect(long.filter((file) => !tooLong.includes(file))).toEqual([]);
  });
});
