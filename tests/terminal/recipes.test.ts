import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shardmill, shardmillJson } from "../support/shardmill.ts";

const scratch = mkdtempSync(join(tmpdir(), "shardmill-recipes-"));
const environment = { XDG_CONFIG_HOME: scratch };
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("recipes, beside files that hold mistakes", () => {
  beforeAll(() => {
    for (const [name, text] of [
      ["recipes/spoiled.yaml", "title: Spoiled\nrecipe:\n  fps: -1\n"],
      ["recipes/mine.yaml", "title: Mine\nrecipe:\n  fps: 2\n"],
      ["tokenizers/spoiled.yaml", "name: spoiled\ntitle: [\n"],
    ] as const) {
      mkdirSync(join(scratch, "shardmill", name, ".."), { recursive: true });
      writeFileSync(join(scratch, "shardmill", name), text);
    }
  });

  it("lists the others, and says which files are passed over and why", async () => {
    const listed = await shardmill(["recipes"], environment);
    expect(listed.code).toBe(0);
    expect(listed.stdout).toMatch(/^mine /m);
    expect(listed.stdout).toMatch(/^seed-stage3 /m);
    expect(listed.stdout).not.toContain("spoiled");
    expect(listed.stderr).toMatch(
      /^recipes\/spoiled\.yaml cannot be used:\n {2}recipe\.fps \(line 3\): .+\ntokenizers\/spoiled\.yaml cannot be used:\n {2}\(line \d\): /m,
    );
    const names = (await shardmillJson<{ name: string }[]>(["recipes", "--json"], environment)).map(
      ({ name }) => name,
    );
    expect(names).toContain("mine");
  });

  it("tells the mistakes of one that is asked for in one line", async () => {
    for (const args of [
      ["recipes", "spoiled"],
      ["plan", "openvid-1m", "--recipe", "spoiled", "--source", scratch],
    ]) {
      const refused = await shardmill(args, environment);
      expect(refused.code, args.join(" ")).toBe(2);
      expect(refused.stderr).toMatch(
        /^shardmill: recipes\/spoiled\.yaml holds mistakes: recipe\.fps \(line 3\): .+\n$/,
      );
    }
    const shown = await shardmill(["recipes", "mine"], environment);
    expect(shown.stdout).toContain("Mine (mine)");
  });
});
