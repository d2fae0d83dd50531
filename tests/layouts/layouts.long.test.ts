import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { killHard, processesOf } from "../faults/processes.ts";
import { until } from "../faults/until.ts";
import { findPython, recount } from "../recount/recount.ts";
import { partsByLabel } from "../support/build-status.ts";
import { shardHashes } from "../support/read-shards.ts";
import { shardmill, startShardmill } from "../support/shardmill.ts";
import { LayoutHouse } from "./layout-house.ts";

let house: LayoutHouse;
const python = findPython();
if (python === null) console.warn("layouts: the recount is skipped, for there is no python3 here");
const hashes = (name: string, out?: string) => Object.values(shardHashes(house.folder(name, out)));
const ran = async (ended: Promise<{ code: number | null; stdout: string; stderr: string }>) => {
  const { code, stdout, stderr } = await ended;
  expect([0, 1], stderr + stdout).toContain(code);
  return stdout + stderr;
};

beforeAll(async () => {
  house = await LayoutHouse.open();
  await ran(house.build(null));
  await ran(house.layout("packed", "whole"));
});
afterAll(() => house.close());

describe("shards that are laid out", () => {
  it("are the bytes of a build with that recipe, which is counted again from its tars and ledgers", async () => {
    await ran(house.build("whole", "--set", "layout=packed"));
    await ran(house.build("fixed", "--set", "layout=fixed-2"));
    await ran(house.layout("fixed", "fixed", "--frames", "2"));
    for (const name of ["whole", "fixed"]) {
      expect(hashes(name)).toEqual(hashes(name, "direct"));
      if (python !== null) expect(recount(python, house.folder(name, "direct")).problems).toEqual([]);
    }
  });

  it("are the same after a build that was killed in the middle", async () => {
    const args = house.layoutArgs("packed", "killed");
    const running = startShardmill(args);
    const manifests = join(house.folder("killed"), ".shardmill/manifests");
    await until("a shard committed", () => existsSync(manifests) && readdirSync(manifests).length > 0);
    for (const { pid } of processesOf(running.child.pid ?? 0, "worker")) killHard(pid);
    killHard(running.child.pid ?? 0);
    await running.ended;
    await ran(shardmill(args));
    expect(hashes("killed")).toEqual(hashes("whole"));
  });

  it("hold the tokens of their origin, without a tokenizer at hand", async () => {
    const { tokenizer, config } = smallTokenizer("What is shown here? A clip with quotes and commas.");
    writeFileSync(join(house.scratch, "tokenizer.json"), tokenizer);
    writeFileSync(join(house.scratch, "tokenizer_config.json"), config ?? "{}");
    const origin = ["tokenize", house.folder("openvid-1m"), "--as", "tokens", "--recipe", "seed-stage3"];
    await ran(shardmill([...origin, "--set", `text.tokenizer=${house.scratch}`]));
    writeFileSync(join(house.scratch, "tokenizer.json"), "gone");
    const packed = ["layout", house.folder("tokens"), "packed", "--as", "tokens-packed"];
    await ran(shardmill(packed));
    const told = (output: string): unknown =>
      (
        JSON.parse(
          readFileSync(join(house.folder(output), `.shardmill/manifests/${output}-p0000-0000.json`), "utf8"),
        ) as { tokens: unknown }
      ).tokens;
    expect(told("tokens-packed")).toEqual(told("tokens"));
    expect(told("tokens")).toMatchObject({ all: expect.any(Number) });
    const shard = join(house.folder("tokens-packed"), "tokens-packed-p0000-0000.tar");
    const listed = await shardmill(["inspect", shard, "--json"]);
    const [sample] = (JSON.parse(listed.stdout) as { samples: { key: string }[] }).samples;
    const shown = await shardmill(["inspect", shard, sample?.key ?? ""]);
    expect(shown.stdout).toMatch(/\d+ tokens, the loss on \d+, which are between/);
  });

  it("are refused in one line where nothing comes of them", async () => {
    const refused = async (args: string[]) => {
      const { code, stderr } = await shardmill(args);
      return `${code}: ${stderr}`;
    };
    const packed = house.folder("whole");
    expect(await refused(["layout", packed, "packed", "--as", "again"])).toMatch(
      /^2: .*whole has the layout packed: name the output that it was made of/,
    );
    expect(await refused(["tokenize", packed, "--as", "again"])).toMatch(/^2: .*whole has the layout packed/);
    expect(await refused(house.layoutArgs("fixed", "again"))).toMatch(/^2: .*fixed needs --frames N/);
    expect(await refused(house.layoutArgs("packed", "again", "--frames", "3"))).toMatch(
      /^2: .*--frames is for fixed/,
    );
    expect(await refused(house.layoutArgs("fixed", "whole", "--frames", "3"))).toMatch(
      /2 shards in this output folder were made with another recipe/,
    );
    expect(await refused(house.layoutArgs("fixed", "again", "--frames", "1000"))).toMatch(/^2: .*1 to 999/);
  });
});

describe("an origin", () => {
  const damage = (tar: string) => {
    const bytes = readFileSync(tar);
    bytes[700] = (bytes[700] ?? 0) ^ 1;
    writeFileSync(tar, bytes);
  };
  const retry = (output: string, ...more: string[]) => ran(house.run("retry", output, ...more));

  it("that is damaged is not copied, and heals with it; a damaged copy is made again of it", async () => {
    damage(house.shard("openvid-1m", 1));
    const told = await ran(house.layout("packed", "healed"));
    expect(told).toContain("is not what its manifest says");
    await retry("openvid-1m", "--corrupt");
    await retry("healed", "--failed");
    const parts = await partsByLabel("healed", join(house.scratch, "out"));
    expect(parts.p0001).toMatchObject({ state: "done" });
    damage(house.shard("healed"));
    expect((await shardmill(["verify", house.folder("healed")])).code).toBe(1);
    await retry("healed", "--corrupt");
    expect(hashes("healed")).toEqual(hashes("whole"));
  });

  it("that was made anew makes its layout stale, which follows it", async () => {
    await ran(house.build(null, "--rebuild", "--set", "fps=2"));
    await retry("whole", "--stale");
    await ran(house.build("whole", "--rebuild", "--set", "layout=packed", "--set", "fps=2"));
    expect(hashes("whole")).toEqual(hashes("whole", "direct"));
  });
});
