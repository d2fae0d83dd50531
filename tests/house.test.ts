import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

/** What `npm run check` finds beyond lint and types (scripts/house.mjs): here in this repository, and in small ones that are wrong. */
const script = fileURLToPath(new URL("../scripts/house.mjs", import.meta.url));
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => void rmSync(folder, { recursive: true })));

function findings(root?: string): string[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [script, ...(root === undefined ? [] : [root])],
    {
      encoding: "utf8",
    },
  );
  expect(stderr).toBe("");
  const lines = stdout.split("\n").filter((line) => line !== "");
  expect(status).toBe(lines.length === 0 ? 0 : 1);
  return lines;
}

/** Two rooms, of which the upper may import the lower, and does; with some files written otherwise, or taken out (null). */
function house(changed: Record<string, string | null> = {}): string {
  const files: Record<string, string | null> = {
    "package.json": json({ name: "house", devDependencies: { vitest: "4.1.12" } }),
    "tsconfig.json": json({ references: [{ path: "packages/lower" }, { path: "packages/upper" }] }),
    "README.md": "# House\n\nSee [the words](docs/architecture.md#words-and-more).\n",
    "docs/architecture.md": page([
      "| `packages/lower` | nothing | low |",
      "| `packages/upper` | `packages/lower` | high |",
    ]),
    "docs/decisions.md":
      "# Decisions\n\n## Dependencies\n\n| package | why |\n|---|---|\n| `vitest` | tests |\n",
    ...room("lower", [], "export const low = 1;\n"),
    ...room("upper", ["lower"], 'import { low } from "@house/lower";\nconsole.log(low);\n'),
    ...changed,
  };
  const folder = mkdtempSync(join(tmpdir(), "shardmill-house-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    if (text === null) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  execFileSync("git", ["init", "-q"], { cwd: folder });
  return folder;
}

function page(rows: readonly string[], rest = ""): string {
  const table = [
    "<!-- layers -->",
    "| room | may import | what |",
    "|---|---|---|",
    ...rows,
    "<!-- /layers -->",
  ];
  return ["# Architecture", "", "## Words and more", "", ...table, "", rest, ""].join("\n");
}

function room(name: string, imports: readonly string[], index: string): Record<string, string> {
  const folder = `packages/${name}`;
  return {
    [`${folder}/package.json`]: manifest(name, imports),
    [`${folder}/tsconfig.json`]: json({ references: imports.map((other) => ({ path: `../${other}` })) }),
    [`${folder}/src/index.ts`]: index,
  };
}

function manifest(name: string, imports: readonly string[], more: Record<string, string> = {}): string {
  const own = imports.map((other) => [`@house/${other}`, "1.0.0"]);
  return json({ name: `@house/${name}`, dependencies: { ...Object.fromEntries(own), ...more } });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Apart, so that what stands behind them is no comment of this file. */
const slashes = "//";
const lowerRow = "| `packages/lower` | nothing | low |";
const upperRow = "| `packages/upper` | `packages/lower` | high |";

describe("this repository", () => {
  it("has its layers, links, names of files and reasons of dependencies in order", () => {
    expect(findings()).toEqual([]);
  });
});

describe("the layers table", () => {
  it("is content with a house that keeps to it", () => {
    expect(findings(house())).toEqual([]);
  });

  it("finds an import that no row allows, and one that goes around the package", () => {
    const wrong = house({
      "packages/lower/src/index.ts":
        'import type { high } from "@house/upper";\nimport "../../upper/src/index.ts";\n',
    });
    expect(findings(wrong)).toEqual([
      "packages/lower/src/index.ts:1: imports @house/upper, which the row of packages/lower in docs/architecture.md does not allow",
      "packages/lower/src/index.ts:2: ../../upper/src/index.ts reaches out of packages/lower: import the package by its name",
    ]);
  });

  it("finds what a row allows and nobody uses, with the dependency and the reference that go with it", () => {
    const wrong = house({ "packages/upper/src/index.ts": "export {};\n" });
    expect(findings(wrong)).toEqual([
      "docs/architecture.md:9: packages/upper may import packages/lower, and no file of it does: take it out of the row",
      "packages/upper/package.json:4: depends on @house/lower, which its row in docs/architecture.md does not name: take it out",
      "packages/upper/tsconfig.json:1: refers to packages/lower, which its row in docs/architecture.md does not name: take it out",
    ]);
  });

  it("finds a dependency or a reference that lacks", () => {
    const wrong = house({
      "packages/upper/package.json": manifest("upper", []),
      "packages/upper/tsconfig.json": json({}),
      "tsconfig.json": json({ references: [{ path: "packages/lower" }] }),
    });
    expect(findings(wrong)).toEqual([
      "packages/upper/package.json:1: its row in docs/architecture.md names @house/lower: add it to the dependencies",
      "packages/upper/tsconfig.json:1: its row in docs/architecture.md names packages/lower: add it to the references",
      "tsconfig.json:1: does not refer to packages/upper: add it",
    ]);
  });

  it("finds a room without a row, a row without a room, and a cycle", () => {
    expect(findings(house({ "docs/architecture.md": page([lowerRow]) }))).toEqual([
      "docs/architecture.md:1: the layers table has no row for packages/upper: write one",
    ]);
    const more = house({
      "docs/architecture.md": page([lowerRow, upperRow, "| `apps/none` | nothing | none |"]),
    });
    expect(findings(more)).toContain("docs/architecture.md:10: apps/none is no room: take its row out");
    const cycle = house({
      "docs/architecture.md": page(["| `packages/lower` | `packages/upper` | low |", upperRow]),
      ...room("lower", ["upper"], 'export const low = 1;\nexport * from "@house/upper";\n'),
    });
    expect(findings(cycle)).toEqual([
      "docs/architecture.md:8: packages/lower may import itself by way of others: a cycle",
      "docs/architecture.md:9: packages/upper may import itself by way of others: a cycle",
    ]);
  });
});

describe("a room whose folders run one way", () => {
  const rows = [
    "<!-- one way: packages/lower -->",
    "| `packages/lower` | `packages/lower/src/last` | a step |",
    "| | `packages/lower/src/first` | a step |",
  ];
  const files = {
    "docs/architecture.md": page([lowerRow, upperRow], rows.join("\n")),
    "packages/lower/src/first/one.ts": "export const one = 1;\n",
    "packages/lower/src/last/two.ts": 'import { one } from "../first/one.ts";\nexport const two = one;\n',
    "packages/lower/src/index.ts": 'export * from "./last/two.ts";\n',
  };

  it("imports what stands below, and its tests what they like", () => {
    const test = 'import { two } from "../last/two.ts";\nconsole.log(two);\n';
    expect(findings(house({ ...files, "packages/lower/src/first/one.test.ts": test }))).toEqual([]);
  });

  it("finds an import of what stands above, and of what lies in no folder", () => {
    const wrong = house({
      ...files,
      "packages/lower/src/first/one.ts": 'import "../last/two.ts";\nimport "../index.ts";\n',
    });
    const above =
      "which docs/architecture.md has above packages/lower/src/first: folders of packages/lower import those below them";
    expect(findings(wrong)).toEqual([
      `packages/lower/src/first/one.ts:1: imports ../last/two.ts, ${above}`,
      `packages/lower/src/first/one.ts:2: imports ../index.ts, ${above}`,
    ]);
  });
});

describe("the table of folders", () => {
  it("finds a folder of a room that it does not name", () => {
    const more = { "packages/lower/src/step/one.ts": "" };
    expect(findings(house(more))).toEqual([
      "docs/architecture.md:1: the table of folders has no row for packages/lower/src/step: write one",
    ]);
    const rows = [lowerRow, upperRow];
    const named = page(rows, "| `packages/lower` | `packages/lower/src/step` | a step |");
    expect(findings(house({ ...more, "docs/architecture.md": named }))).toEqual([]);
  });
});

describe("paths into an output", () => {
  it("are found where they are put together by hand", () => {
    const wrong = house({
      "packages/lower/src/paths.ts": [
        "const a = join(records.store.root, path);",
        "const b = resolve(options.out);",
        "const c = store.absolute(path);",
        "",
      ].join("\n"),
    });
    const what = "a path into an output by hand: its store reads and writes it";
    expect(findings(wrong)).toEqual([1, 2].map((line) => `packages/lower/src/paths.ts:${line}: ${what}`));
  });
});

describe("links and names", () => {
  it("finds a link to a file or a heading that is not there", () => {
    const wrong = house({
      "README.md": "# House\n\n[a](docs/none.md) [b](docs/architecture.md#none) [c](#house)\n",
    });
    expect(findings(wrong)).toEqual([
      "README.md:3: docs/none.md leads nowhere: there is no docs/none.md",
      "README.md:3: docs/architecture.md#none leads nowhere: docs/architecture.md has no heading #none",
    ]);
  });

  it("finds every file that a page names and that is not there, in whatever words it names it", () => {
    const text =
      "The index (`packages/lower/src/index.ts`, `lower/index.ts`) and packages/none, `packages/*/src`, <b>.";
    const wrong = house({ "docs/architecture.md": page([lowerRow, upperRow], text) });
    expect(findings(wrong)).toEqual([
      "docs/architecture.md:12: names packages/none, and there is no packages/none: name what is meant",
      "docs/architecture.md:12: names lower/index.ts, and there is no such file: write its path from the root",
    ]);
  });

  it("lets a package's own page name its files from its folder", () => {
    const text = "# Lower\n\n`index.ts`, `src/index.ts`, not `none.ts`.\n";
    expect(findings(house({ "packages/lower/README.md": text }))).toEqual([
      "packages/lower/README.md:3: names none.ts, and there is no such file: write its path from the root",
    ]);
  });

  it("finds pages, their numbers and paths that a comment cites and readers do not have", () => {
    const wrong = house({
      "packages/lower/src/index.ts": `/** As docs/architecture.md says; design.md too (architecture.md 3). */\nexport const low = 1; ${slashes} see packages/none/a\n`,
    });
    expect(findings(wrong)).toEqual([
      "packages/lower/src/index.ts:1: names design.md, which readers do not have: give the reason in place",
      "packages/lower/src/index.ts:1: architecture.md 3: pages have headings and no numbers; give the reason in place",
      "packages/lower/src/index.ts:2: names packages/none/a, and there is no packages/none/a: name what is meant",
    ]);
  });
});

describe("dependencies", () => {
  it("finds one without a reason, and a reason without one", () => {
    const wrong = house({
      "package.json": json({ name: "house", devDependencies: { yaml: "2.9.1", "@types/node": "20.0.0" } }),
    });
    expect(findings(wrong)).toEqual([
      'package.json:4: yaml has no line in docs/decisions.md, "Dependencies": write why',
      "docs/decisions.md:7: vitest is in no package.json: take its line out",
    ]);
  });

  it("finds a version that is not exact, and two of one package", () => {
    const wrong = house({
      "package.json": json({ name: "house", devDependencies: { vitest: "^4.1.12" } }),
      "packages/lower/package.json": manifest("lower", [], { vitest: "4.1.11" }),
      "packages/upper/package.json": manifest("upper", ["lower"], { vitest: "4.1.12" }),
    });
    expect(findings(wrong)).toEqual([
      'package.json:4: vitest is "^4.1.12": name one exact version',
      "packages/upper/package.json:5: vitest is 4.1.12 here and 4.1.11 in packages/lower/package.json: take one",
    ]);
  });
});

describe("the size of files", () => {
  it("finds a source file of more than 300 lines, and a test", () => {
    const long = "\n".repeat(301);
    const wrong = house({ "packages/lower/src/long.ts": long, "packages/lower/src/long.test.ts": long });
    expect(findings(wrong)).toEqual([
      "packages/lower/src/long.test.ts:301: 301 lines, 300 are the limit: split it",
      "packages/lower/src/long.ts:301: 301 lines, 300 are the limit: split it",
    ]);
  });
});
