import { readFileSync } from "node:fs";
import { codes } from "@shardmill/core";
import type { News } from "@shardmill/owner";
import { describe, expect, it } from "vitest";

/** docs/codes.md and the table in core say the same, both ways. */
const page = readFileSync(new URL("../../docs/codes.md", import.meta.url), "utf8");

const titles = {
  Skipped: "skipped",
  Failed: "failed",
  "Parts, shards and builds": "part",
  Notes: "note",
} as const;

interface Row {
  readonly kind: string;
  readonly retryable: boolean;
  readonly meaning: string;
  readonly remedy: string;
}

function documented(): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const section of page.split(/^## /m).slice(1)) {
    const title = section.slice(0, section.indexOf("\n")) as keyof typeof titles;
    for (const line of section.split("\n")) {
      const [, code, again, meaning = "", remedy = ""] = line.split("|").map((cell) => cell.trim());
      const name = /^`(\w+)`$/.exec(code ?? "")?.[1];
      if (name !== undefined)
        rows.set(name, { kind: titles[title], retryable: again === "may pass", meaning, remedy });
    }
  }
  return rows;
}

describe("docs/codes.md", () => {
  it("explains every code of the table, and no other", () => {
    const fromTable = Object.fromEntries(Object.entries(codes).map(([code, entry]) => [code, { ...entry }]));
    expect(Object.fromEntries(documented())).toEqual(fromTable);
  });
});

describe("docs/operations.md", () => {
  const operations = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");

  it("names only codes that exist, and tests that are there", () => {
    const named = [...operations.matchAll(/`([a-z]+_[a-z_]+)`/g)]
      .map(([, code = ""]) => code)
      // Names of metrics.
      .filter((code) => !code.startsWith("shardmill_"));
    const unknown = named.filter(
      (code) =>
        !Object.hasOwn(codes, code) && !problemCodes.has(code) && !answers.has(code) && !news.has(code),
    );
    expect([...new Set(unknown)]).toEqual([]);
    const tests = [...operations.matchAll(/`((?:tests|packages|apps)\/[\w./-]+\.test\.ts)`/g)];
    expect(tests.length).toBeGreaterThan(10);
    for (const [, path = ""] of tests)
      expect(() => readFileSync(new URL(`../../${path}`, import.meta.url)), path).not.toThrow();
  });
});

/** What `verify` finds beside the codes of the table. */
const problemCodes = new Set([
  "tar_missing",
  "tar_without_manifest",
  "manifest_missing",
  "index_file",
  "annotations_differ",
  "recipes_differ",
  "other_plan",
  "double_key",
]);

/** What the API answers beside the codes of the table, and its alarms say. */
const answers = new Set(["at_rest", "nothing_to_do", "worker_other_output"]);

/** What a command or a webhook is told of. */
const news: ReadonlySet<string> = new Set<News["kind"]>(["build_ended", "part_failed", "standstill"]);
