import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { helpPages } from "./help-pages.ts";
import { buildProgram } from "./program.ts";

const program = () => buildProgram(() => Promise.reject(new Error("help needs no context")));

describe("the help", () => {
  it("is what docs/commands.md shows; node scripts/write-commands-doc.mjs writes it anew", () => {
    const docs = readFileSync(new URL("../../../docs/commands.md", import.meta.url), "utf8");
    expect(docs).toBe(helpPages(program()));
  });

  it("shows an example for every command", () => {
    const pages = helpPages(program()).split("\n## ").slice(1);
    expect(pages.filter((page) => !page.includes("Example:")).map((page) => page.split("\n")[0])).toEqual([]);
  });

  it("is never wider than a terminal, examples aside", () => {
    const wide = helpPages(program())
      .split("\n")
      .filter(
        (line) =>
          line.length > 80 && !/^ {2}(\S+=\S+ )?shardmill /.test(line) && !/^(Exit|Environment):/.test(line),
      );
    expect(wide.filter((line) => !line.startsWith("What `--help`"))).toEqual([]);
  });
});
