import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Tokenizer as Oracle } from "@huggingface/tokenizers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { cauldronFiles } from "../datasets/fixtures/cauldron.ts";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { samplesByKey } from "../support/build-status.ts";
import { shardHashes } from "../support/read-shards.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { seedReads } from "./seed-reader.ts";

const files = smallTokenizer(
  "What is shown here? A picture of something small, number 12. Question and answer of a turn.",
);
const oracle = new Oracle(JSON.parse(files.tokenizer), {});

let scratch: string;
let hub: HubStandIn;
let environment: Record<string, string>;

const out = (name: string): string => join(scratch, name);
const build = (name: string, ...more: string[]) =>
  shardmill(
    [
      ...["build", "the-cauldron", "--source", join(scratch, "source"), "--out", out(name)],
      ...["--set", "samplesPerShard=10", "--set", "recipe.text.tokenizer=small", ...more],
    ],
    environment,
  );
const withTokens = ["--subsets", "ai2d", "--recipe", "seed-stage2"];

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-tokens-"));
  for (const [path, content] of Object.entries(await cauldronFiles())) {
    await mkdir(dirname(join(scratch, "source", path)), { recursive: true });
    await writeFile(join(scratch, "source", path), content);
  }
  hub = await startHubStandIn({
    repo: "someone/small-Instruct",
    type: "model",
    files: { "tokenizer.json": files.tokenizer, "tokenizer_config.json": files.config ?? "" },
  });
  const entries = join(scratch, "config/shardmill/tokenizers");
  await mkdir(entries, { recursive: true });
  const sha256 = (text: string | null): string =>
    createHash("sha256")
      .update(text ?? "")
      .digest("hex");
  await writeFile(
    join(entries, "small.yaml"),
    `name: small\ntitle: Small\nlicense: CC0-1.0\nrepo: someone/small-Instruct\nfiles:\n  tokenizer.json: ${sha256(files.tokenizer)}\n  tokenizer_config.json: ${sha256(files.config)}\n`,
  );
  environment = { HF_ENDPOINT: hub.endpoint, XDG_CONFIG_HOME: join(scratch, "config") };
  const ended = await build("first", ...withTokens);
  expect(ended.code, ended.stderr + ended.stdout).toBe(0);
});

afterAll(async () => {
  await hub.close();
  await rm(scratch, { recursive: true, force: true });
});

const idsOf = (text: string): number[] => oracle.encode(text, { add_special_tokens: false }).ids;

/** Ids and mask of a sample's turns, by the template written out and the number of tokens before each place in it. */
function expected(json: Readonly<Record<string, unknown>>): { ids: number[]; mask: number[] } {
  const turns = json.conversations as { user: string; assistant: string }[];
  let text = "<|im_start|>system\nYou are a helpful AI assistant.<|im_end|>\n";
  const mask: number[] = [];
  const fill = (bit: number): void => {
    while (mask.length < idsOf(text).length) mask.push(bit);
  };
  for (const { user, assistant } of turns) {
    text += `<|im_start|>user\n${user}<|im_end|>\n<|im_start|>assistant\n`;
    fill(0);
    text += `${assistant}<|im_end|>\n`;
    fill(1);
  }
  return { ids: idsOf(text), mask };
}

describe("a build that makes tokens", () => {
  it("has those of the template and the vocabulary in every sample, the loss on each answer, and the texts beside them", () => {
    const samples = [...samplesByKey(join(out("first"), "the-cauldron")).values()];
    expect(samples.length).toBe(25);
    const several = samples.filter(({ json }) => (json.conversations as unknown[]).length > 1);
    expect(several.length).toBeGreaterThan(0);
    for (const { json, fields } of samples) {
      const { ids, mask } = expected(json);
      expect(json.token_ids).toEqual(ids);
      expect(json.loss_mask).toEqual(mask);
      expect(Object.keys(json).slice(0, 5)).toEqual([
        "token_ids",
        "loss_mask",
        "source",
        "frame_count",
        "caption",
      ]);
      const pictures = [...fields.keys()].filter((name) => name.endsWith("jpg")).length;
      expect(seedReads(json, pictures).problem).toBeNull();
    }
  });

  it("sums them in status and on the way, and shows a sample's with their text", async () => {
    const samples = [...samplesByKey(join(out("first"), "the-cauldron")).values()];
    const sum = (key: string, of: (list: number[]) => number): number =>
      samples.reduce((all, { json }) => all + of(json[key] as number[]), 0);
    const all = sum("token_ids", (ids) => ids.length);
    const loss = sum("loss_mask", (mask) => mask.filter((bit) => bit === 1).length);
    const status = await shardmillJson<{ totals: { tokens: unknown } }>([
      ...["status", "the-cauldron", "--out", out("first")],
    ]);
    expect(status.totals.tokens).toEqual({ all, loss, cut: 0 });
    const told = await shardmill(["status", "the-cauldron", "--out", out("first")], environment);
    expect(told.stdout).toContain(`tokens, the loss on`);
    const shard = join(out("first"), "the-cauldron/the-cauldron-ai2d-p0000-0000.tar");
    const shown = await shardmill(["inspect", shard, "cauldron-ai2d-p0000-000000"], environment);
    const answer = String(samples[0]?.json.assistant);
    expect(shown.stdout).toContain(`[[${answer.split("\n")[0]}`);
    expect(shown.stdout).toContain("<|im_start|>user");
  });

  it("fetches a tokenizer once and checks it, and needs no Hub after that", async () => {
    const fetched = hub.log.filter(({ path }) => path.includes("/resolve/") && path.includes("tokenizer"));
    expect(fetched.length).toBe(2);
    const before = hub.log.length;
    const ended = await build("first", "--subsets", "nlvr2", "--recipe", "seed-stage2");
    expect([ended.code, hub.log.length], ended.stderr).toEqual([0, before]);
    const kept = readdirSync(join(out("first"), "the-cauldron/.shardmill/tokenizers"));
    expect(kept.length).toBe(1);
  });

  it("gives the same bytes with one worker and with four, and by a folder of the same files", async () => {
    const folder = join(scratch, "mine");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "tokenizer.json"), files.tokenizer);
    await writeFile(join(folder, "tokenizer_config.json"), files.config ?? "");
    const four = await build("four", ...withTokens, "--workers", "4");
    const own = await build("own", ...withTokens, "--workers", "1", "--set", `text.tokenizer=${folder}`);
    expect([four.code, own.code], four.stderr + own.stderr).toEqual([0, 0]);
    const recorded = readFileSync(join(out("own"), "the-cauldron/.shardmill/build.json"), "utf8");
    expect(recorded).toContain('"tokenizer": "mine"');
    expect(recorded).not.toContain(folder);
    const hashes = ["first", "four", "own"].map((name) => {
      const all = Object.entries(shardHashes(join(out(name), "the-cauldron")));
      return all.filter(([tar]) => tar.includes("ai2d"));
    });
    expect(hashes[0]?.length).toBe(3);
    expect(hashes[1]).toEqual(hashes[0]);
    expect(hashes[2]).toEqual(hashes[0]);
    const again = await build("own", ...withTokens);
    expect([again.code, again.stderr]).toEqual([0, expect.not.stringContaining("recipe_changed")]);
  });

  it("cuts what is too long, tells so, and leaves out what is left without an answer", async () => {
    const samples = [...samplesByKey(join(out("first"), "the-cauldron")).values()].filter(
      ({ json }) => json.subset === "ai2d",
    );
    const begins = samples.map(({ json }) => (json.loss_mask as number[]).indexOf(1));
    const most = Math.min(...begins) + 2;
    const cut = await build("cut", ...withTokens, "--set", `text.maxTokens=${most}`);
    expect(cut.code, cut.stderr).toBe(0);
    const ledgers = join(out("cut"), "the-cauldron/.shardmill/ledger");
    const lines = readdirSync(ledgers)
      .flatMap((file) => readFileSync(join(ledgers, file), "utf8").split("\n"))
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { outcome: string; code: string | null; detail: string | null });
    const packed = lines.filter(({ outcome }) => outcome === "packed");
    expect(packed.length).toBeGreaterThan(0);
    expect(packed.every(({ detail }) => detail === "truncated")).toBe(true);
    const skipped = lines.filter(({ outcome }) => outcome !== "packed");
    expect(skipped.map(({ code }) => code)).toEqual(skipped.map(() => "no_loss_tokens"));
    expect(packed.length + skipped.length).toBe(25);
    expect(packed.length).toBe(begins.filter((begin) => begin < most).length);
    for (const { json } of samplesByKey(join(out("cut"), "the-cauldron")).values())
      expect((json.token_ids as number[]).length).toBe(most);
  });

  it("ends in one line where the tokenizer cannot be fetched, and keeps nothing: the same command begins it", async () => {
    hub.setFault({ kind: "flip", path: "tokenizer.json", times: 1_000 });
    const away = await build("bare", ...withTokens, "--set", "text.keepRaw=false");
    hub.clearFaults();
    expect([away.code, away.stderr]).toEqual([3, expect.stringContaining("run the command again")]);
    expect(away.stderr).not.toContain("    at ");
    expect(existsSync(join(out("bare"), "the-cauldron"))).toBe(false);
    // The next test gives that command again.
  });

  it("leaves the texts out of the JSON where that is asked for", async () => {
    const bare = await build("bare", ...withTokens, "--set", "text.keepRaw=false");
    expect(bare.code, bare.stderr).toBe(0);
    for (const { json } of samplesByKey(join(out("bare"), "the-cauldron")).values())
      expect(Object.keys(json).filter((key) => /caption|user|assistant|conversations/.test(key))).toEqual([]);
  });
});

describe("a build of a sample for each turn", () => {
  it.each([
    ["as text", []],
    ["as tokens", ["--recipe", "seed-stage2"]],
  ])("shows every turn to a reader that sees the first: %s", async (_how, more) => {
    const name = `each${more.length}`;
    const ended = await build(name, "--subsets", "ai2d", "--set", "turns=each", ...more);
    expect(ended.code, ended.stderr).toBe(0);
    const whole = [...samplesByKey(join(out("first"), "the-cauldron")).values()];
    const all = whole
      .filter(({ json }) => json.subset === "ai2d")
      .flatMap(({ json }) => json.conversations as { user: string; assistant: string }[])
      .map(({ user, assistant }) => `${user} ${assistant}`);
    const each = [...samplesByKey(join(out(name), "the-cauldron")).values()];
    expect(each.map(({ json }) => `${json.user} ${json.assistant}`).sort()).toEqual(all.sort());
    for (const { json, fields } of each)
      expect(
        seedReads(json, [...fields.keys()].filter((field) => field.endsWith("jpg")).length).problem,
      ).toBeNull();
    expect(each.every(({ key }) => /-\d{6}-t\d+$/.test(key))).toBe(true);
  });
});

describe("a tokenizer that is not as it was", () => {
  it("is refused in one line: other files on the Hub", async () => {
    hub.commitFiles({ "tokenizer.json": files.tokenizer.replace('"version":"1.0"', '"version":"1.1"') });
    const ended = await build("changed", ...withTokens);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(
      /tokenizer small: tokenizer.json of hub:someone\/small-Instruct has sha256 [0-9a-f]{64}, expected /,
    );
    expect(ended.stderr).not.toContain("    at ");
  });

  it("is refused in one line: what an output keeps was written over", async () => {
    const folder = join(out("four"), "the-cauldron/.shardmill/tokenizers");
    const [name = ""] = readdirSync(folder);
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, "utf8").replace("You are a small model", "You are a large model"));
    const ended = await build("four", "--subsets", "nlvr2", "--recipe", "seed-stage2");
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain("the kept files of tokenizer small have changed (tokenizer_invalid)");
  });

  it("is refused in one line: another template over shards of this one", async () => {
    const folder = join(scratch, "mine");
    await writeFile(
      join(folder, "chat_template.jinja"),
      "{% for m in messages %}{{ m['content'] }}{% endfor %}",
    );
    const ended = await build("own", ...withTokens, "--set", `text.tokenizer=${folder}`);
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining("recipe_changed")]);
  });

  it.each([
    [
      "no such name",
      ["--set", "text.tokenizer=huge"],
      "there is no tokenizer huge, nor is it a folder; known are small, smollm2",
    ],
    ["no such recipe", ["--recipe", "seed-stage4"], "unknown recipe seed-stage4; did you mean seed-stage"],
    ["a folder without files", ["--set", "text.tokenizer=/tmp"], "there is no tokenizer.json in it"],
  ])("is a mistake of one line: %s", async (_what, more, line) => {
    const ended = await build("mistaken", ...withTokens, ...more);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toContain(line);
    expect(ended.stderr).not.toContain("    at ");
  });
});
