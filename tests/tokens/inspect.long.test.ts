import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { cauldronFiles } from "../datasets/fixtures/cauldron.ts";
import { samplesByKey } from "../support/build-status.ts";
import { type Ended, shardmill } from "../support/shardmill.ts";

/** What a sample's tokens say is told by the tokenizer that made them, or it is said why it cannot be. */

const shard = "the-cauldron-ai2d-p0000-0000.tar";
const key = "cauldron-ai2d-p0000-000000";
let scratch: string;
let ids: string;

const build = (...more: string[]): Promise<Ended> =>
  shardmill([
    ...["build", "the-cauldron", "--source", join(scratch, "source"), "--out", join(scratch, "out")],
    ...["--set", "samplesPerShard=10", "--recipe", "seed-stage2"],
    ...["--set", `recipe.text.tokenizer=${join(scratch, "small")}`, ...more],
  ]);

/** A copy of the output, to be spoiled. */
async function copied(name: string): Promise<string> {
  await cp(join(scratch, "out"), join(scratch, name), { recursive: true });
  return join(scratch, name, "the-cauldron");
}

async function expectUnknown(path: string, why: string): Promise<void> {
  const shown = await shardmill(["inspect", path, key]);
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  const lines = shown.stdout.trimEnd().split("\n");
  expect(lines.at(-1)).toMatch(/^ {2}\d+ tokens, the loss on \d+; what they say cannot be told: /);
  expect(lines.at(-1)).toContain(why);
  // Everything else is there, and the tokens as they are.
  expect(shown.stdout).toContain(ids);
  expect(shown.stdout).toMatch(/ \d+ members \(\d+ frames\), /);
  expect(shown.stdout).not.toContain("[[");
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-inspect-"));
  for (const [path, content] of Object.entries(await cauldronFiles())) {
    await mkdir(dirname(join(scratch, "source", path)), { recursive: true });
    await writeFile(join(scratch, "source", path), content);
  }
  const files = smallTokenizer("What is shown here? A picture of something small. Question and answer.");
  await mkdir(join(scratch, "small"));
  await writeFile(join(scratch, "small/tokenizer.json"), files.tokenizer);
  await writeFile(join(scratch, "small/tokenizer_config.json"), files.config ?? "{}");
  const ended = await build("--subsets", "ai2d");
  expect(ended.code, ended.stderr).toBe(0);
  const sample = samplesByKey(join(scratch, "out/the-cauldron")).get(key);
  ids = JSON.stringify(sample?.json.token_ids);
  const shown = await shardmill(["inspect", join(scratch, "out/the-cauldron", shard), key]);
  expect(shown.stdout).toContain("<|im_start|>user");
  expect(shown.stdout).toContain(ids);
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

it("stands beside the group, which a ledger of earlier does not have", async () => {
  const folder = await copied("ungrouped");
  const told = async (): Promise<unknown> =>
    JSON.parse((await shardmill(["inspect", join(folder, shard), key, "--json"])).stdout);
  const before = await told();
  expect(before).toMatchObject({ key, group: expect.stringMatching(/^img:[0-9a-f]{64}$/) });
  const ledger = join(folder, ".shardmill/ledger", shard.replace(".tar", ".jsonl"));
  const lines = (await readFile(ledger, "utf8")).replaceAll(/,"group":"[^"]*"/g, "");
  expect(lines).not.toContain("group");
  await writeFile(ledger, lines);
  expect(await told()).toEqual(before);
});

it("is not told by the tokenizer of another recipe than the shard's", async () => {
  const folder = await copied("rebuilt");
  const ended = await build(
    ...["--subsets", "nlvr2", "--rebuild", "--set", "recipe.text.system=Say little."],
    ...["--out", dirname(folder)],
  );
  expect(ended.code, ended.stderr).toBe(0);
  await expectUnknown(join(folder, shard), "the shard is of another recipe than build.json has now");
});

it("is not told where the kept files of the tokenizer are gone, or have changed", async () => {
  const folder = await copied("gone");
  const tokenizers = join(folder, ".shardmill/tokenizers");
  const [kept = ""] = await readdir(tokenizers);
  const text = await readFile(join(tokenizers, kept), "utf8");
  await writeFile(join(tokenizers, kept), text.replace("You are a small model", "You are a large model"));
  await expectUnknown(join(folder, shard), "the kept files of tokenizer small have changed");
  await rm(tokenizers, { recursive: true });
  await expectUnknown(
    join(folder, shard),
    "the files of tokenizer small are not beside the records any more",
  );
});

it("is not told of a shard without its manifest, with a damaged record, or far from its records", async () => {
  const folder = await copied("alone");
  await rm(join(folder, ".shardmill/manifests", shard.replace(".tar", ".json")));
  await expectUnknown(join(folder, shard), "the shard has no manifest");
  await writeFile(join(folder, ".shardmill/build.json"), "{");
  await expectUnknown(join(folder, shard), ".shardmill/build.json");
  await mkdir(join(scratch, "elsewhere"));
  await copyFile(join(folder, shard), join(scratch, "elsewhere/mine.tar"));
  await expectUnknown(join(scratch, "elsewhere/mine.tar"), "no record of a build lies beside the shard");
});
