import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { version } from "./version.ts";

it("is what the package's bin runs, as a file that a shell can start", () => {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { name, bin } = JSON.parse(text) as { name: string; bin: Record<string, string> };
  expect(name).toBe("shardmill");
  expect(Object.keys(bin)).toEqual(["shardmill"]);
  const file = fileURLToPath(new URL(`../${bin.shardmill}`, import.meta.url));
  const lines = execFileSync(file, ["--version"], { encoding: "utf8" }).split("\n");
  expect(lines.slice(0, 2)).toEqual([version, `node ${process.versions.node}`]);
  expect(lines.slice(2)).toEqual([
    expect.stringMatching(/^node-av \d/),
    expect.stringMatching(/^sharp \d/),
    "",
  ]);
});
