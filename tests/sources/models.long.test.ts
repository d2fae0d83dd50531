import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { grantedToken, type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { shardmill, shardmillJson, startShardmill } from "../support/shardmill.ts";

/** `shardmill models get` as a user types it, against the Hub's stand-in. */
const repo = "facebook/dinov2-small";
const weights = createHash("sha512").update("weights").digest().toString("hex").repeat(8_000);
const files = {
  "config.json": '{"hidden_size": 384}\n',
  "model.safetensors": weights,
  "preprocessor_config.json": "x".repeat(9_000),
  "pytorch_model.bin": weights.slice(0, 500_000),
};
const small = ["config.json", "preprocessor_config.json"];
let scratch = "";
let outs = 0;
let out = "";
let hub: HubStandIn;

interface Got {
  readonly model: string | null;
  readonly revision: string;
  readonly license: string | null;
  readonly totals: { readonly fetchedBytes: number; readonly counts: Readonly<Record<string, number>> };
  readonly files: readonly { path: string; state: string; problem: { code: string } | null }[];
  readonly leftOut: readonly { path: string }[];
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-get-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));
beforeEach(async () => {
  outs += 1;
  out = join(scratch, `out-${outs}`);
  hub = await startHubStandIn({ repo, type: "model", files });
});
afterEach(() => hub.close());

const environment = (more: Readonly<Record<string, string>> = {}) => ({
  HF_ENDPOINT: hub.endpoint,
  SHARDMILL_FIRST_BACKOFF_MS: "1",
  ...more,
});
const get = (...args: string[]) => shardmill(["models", "get", ...args, "--out", out], environment());
const getJson = (...args: string[]) =>
  shardmillJson<Got>(["models", "get", ...args, "--out", out], environment());

describe("models", () => {
  it("are listed with size, licence and purpose, and shown with their citation", async () => {
    const { stdout, code } = await shardmill(["models"]);
    expect(code).toBe(0);
    for (const name of ["smollm2-135m", "smollm2-360m", "smollm2-1.7b", "dinov2-small"])
      expect(stdout).toMatch(new RegExp(`^${name} +~[\\d.]+ [MG]B +Apache-2\\.0 +yes +\\w+`, "m"));
    const one = (await shardmill(["models", "dinov2-small"])).stdout;
    expect(one).toContain("@article{oquab2024dinov2,");
    expect(one).toContain("Apache-2.0; commercial use: yes; redistribution: yes");
    const json = await shardmillJson<{ name: string }[]>(["models"]);
    expect(json.map(({ name }) => name)).toContain("smollm2-1.7b");
  });

  it("are fetched by name, without what the entry does not want, and told file by file", async () => {
    const first = await get("dinov2-small");
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/downloaded +1\.0 MB {2}model\.safetensors$/m);
    expect(first.stdout).toContain("left out: 1 file, 500 kB (pytorch_model.bin); --all takes them");
    expect(first.stdout).toMatch(/^licence {2}Apache-2\.0; commercial use: yes/m);
    expect((await readdir(out)).sort()).toEqual([
      "config.json",
      "model.safetensors",
      "preprocessor_config.json",
    ]);
    const all = await getJson("dinov2-small", "--all");
    expect(all.totals.counts).toMatchObject({ there: 3, downloaded: 1, failed: 0 });
    expect(all).toMatchObject({ model: "dinov2-small", license: "Apache-2.0", revision: hub.commit });
  });

  it("of any repository are taken whole, at a revision, slowly where that is asked for", async () => {
    await hub.close();
    hub = await startHubStandIn({ repo: "somebody/theirs", type: "model", files });
    const old = hub.commit;
    hub.commitFiles({ "config.json": "{}\n" });
    const began = performance.now();
    const theirs = await getJson("somebody/theirs", "--revision", old, "--max-bandwidth", "1MB");
    // 1.5 MB, of which the first tenth of a second is free.
    expect(performance.now() - began).toBeGreaterThan(1_200);
    expect(theirs).toMatchObject({ model: null, license: null, revision: old, leftOut: [] });
    expect(await readFile(join(out, "config.json"), "utf8")).toBe(files["config.json"]);
  });
});

describe("what cannot be had", () => {
  it("is one line for each file, exit 1, and what is whole stays", async () => {
    hub.setFault({ kind: "flip", path: "preprocessor_config.json", afterBytes: 100 });
    hub.setFault({ kind: "cut", path: "model.safetensors", afterBytes: 300_000 });
    hub.setFault({ kind: "503", path: "model.safetensors", times: 1000 });
    hub.setFault({ kind: "gone", path: "pytorch_model.bin", on: "resolve" });
    const ended = await get("dinov2-small", "--all");
    expect(ended.code, ended.stderr).toBe(1);
    const lines = ended.stdout.split("\n").filter((line) => /^ {2}(failed|downloaded)/.test(line));
    const told = (name: string) => lines.filter((line) => line.includes(name)).join("\n");
    expect(lines).toHaveLength(4);
    expect(told("  config.json")).toMatch(/^ {2}downloaded/);
    expect(told("preprocessor")).toMatch(/failed .* source_invalid: .*do not have the listed hash/);
    expect(told("safetensors")).toMatch(/failed .* source_unreachable: .*goes on from [\d.]+ kB$/);
    expect(told("pytorch")).toMatch(/failed .* source_not_found: .*no file pytorch_model\.bin/);
    expect((await readdir(out)).filter((name) => !name.startsWith("."))).toEqual(["config.json"]);
    hub.clearFaults();
    const again = await getJson("dinov2-small", "--all");
    expect(again.totals.counts).toEqual({ there: 1, downloaded: 2, resumed: 1, failed: 0 });
  });

  it("is wrong use where the name is, with the nearest one", async () => {
    const slip = await get("smolm2-135m");
    expect([slip.code, slip.stderr]).toEqual([
      2,
      "shardmill: unknown model smolm2-135m; did you mean smollm2-135m?\n",
    ]);
    const odd = await get("../up");
    expect([odd.code, odd.stderr]).toEqual([
      2,
      "shardmill: expected a model of the list or owner/name, found ../up\n",
    ]);
  });

  it("is exit 3 where the repository is gated, gone, or has no such revision", async () => {
    hub.setGated(true);
    const gated = await get("dinov2-small");
    expect(gated.code).toBe(3);
    expect(gated.stderr).toMatch(
      /^shardmill: .*accept its terms at .*\/facebook\/dinov2-small \(source_gated\)/m,
    );
    const granted = await shardmill(
      ["models", "get", "dinov2-small", "--out", out],
      environment({ HF_TOKEN: grantedToken }),
    );
    expect(granted.code, granted.stderr).toBe(0);
    const revision = await get("dinov2-small", "--revision", "v9");
    expect([revision.code, revision.stderr]).toEqual([3, expect.stringContaining("no revision v9")]);
    hub.removeRepo();
    expect((await get("dinov2-small")).stderr).toContain("source_unauthorized");
  });
});

describe("a get that ends in the middle", () => {
  /** Runs until a part of the weights is on the disk, then gets the signal. */
  async function interrupted(signal: NodeJS.Signals) {
    hub.setFault({ kind: "stall", path: "model.safetensors", afterBytes: 400_000 });
    const running = startShardmill(["models", "get", "dinov2-small", "--out", out], environment());
    await expect.poll(() => hub.bytesSent("cdn")).toBeGreaterThan(400_000);
    await expect
      .poll(async () => {
        const partial = (await readdir(out)).find((name) => name.startsWith(".model.safetensors"));
        return partial === undefined ? 0 : (await readFile(join(out, partial))).length;
      })
      .toBe(400_000);
    await expect.poll(() => readdir(out)).toEqual(expect.arrayContaining(small));
    running.child.kill(signal);
    return running.ended;
  }

  it("by Ctrl-C says what it leaves, and the next one goes on from there", async () => {
    const ended = await interrupted("SIGINT");
    expect(ended.code).toBe(130);
    expect(ended.stderr).toBe(
      "stopped with 2 of 3 files whole, and 400 kB of others; the same command goes on from there\n",
    );
    expect((await readdir(out)).filter((name) => !name.startsWith(".")).sort()).toEqual(small);
    const next = await getJson("dinov2-small");
    expect(next.totals.counts).toMatchObject({ there: 2, resumed: 1 });
    expect(next.totals.fetchedBytes).toBe(weights.length - 400_000);
    expect(await readFile(join(out, "model.safetensors"), "utf8")).toBe(weights);
    expect((await readdir(out)).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("by a kill is gone on from, too: nobody waits for the dead", async () => {
    expect((await interrupted("SIGKILL")).signal).toBe("SIGKILL");
    const next = await get("dinov2-small");
    expect([next.code, next.stderr]).toEqual([0, ""]);
    expect(next.stdout).toMatch(/resumed .* model\.safetensors {2}400 kB were there$/m);
  });
});
