import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openTestPlace, type TestPlace } from "../testing/open-test-api.ts";
import { type TokenSamples, tokenizerFiles, tokenSamples } from "../testing/token-samples.ts";
import { catalogueDataset, writeOutput } from "../testing/write-output.ts";
import type { BuiltApi } from "./build-api.ts";
import { type SampleDetail, sampleSchema } from "./contract/index.ts";

let place: TestPlace;
let api: BuiltApi;
let samples: TokenSamples;

beforeAll(async () => {
  place = await openTestPlace();
  samples = await tokenSamples();
  const { more, detail, maxTokens } = samples;
  await writeOutput({
    root: place.root,
    dataset: await catalogueDataset("openvid-1m"),
    samplesPerShard: 8,
    settings: ["text.format=tokens", `text.maxTokens=${maxTokens}`],
    tokenizer: tokenizerFiles,
    more: (position) => more[position] ?? {},
    detail,
    parts: [
      { part: 0, kind: "done", members: 8, frames: 1 },
      { part: 1, kind: "stale", members: 8, frames: 1 },
    ],
  });
  api = await place.open();
});
afterAll(() => place.close());

async function sample(position: number, part = 0, from: BuiltApi = api): Promise<SampleDetail> {
  const url = `/api/builds/openvid-1m/samples/openvid-1m-p000${part}-0000/openvid-p000${part}-00000${position}`;
  const answer = await from.app.inject({ url, headers: { host: "127.0.0.1" } });
  expect(answer.statusCode, answer.body).toBe(200);
  return sampleSchema.parse(answer.json());
}

async function onlyList(position: number, part = 0, from: BuiltApi = api) {
  const { tokens } = await sample(position, part, from);
  expect(tokens).toHaveLength(1);
  return tokens![0]!;
}

function idsOf(position: number, name = "token_ids"): number[] {
  return samples.more[position]?.[name] as number[];
}

const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0);

describe("the tokens of a sample", () => {
  it("are counted and told as text, under the loss or not, control tokens apart", async () => {
    const { name, count, loss, cut, text } = await onlyList(0);
    expect([name, count, loss]).toEqual(["tokens", idsOf(0).length, sum(idsOf(0, "loss_mask"))]);
    expect(cut).toBe("no");
    if (text.kind !== "runs") throw new Error(text.why);
    expect(text.notShown).toBe(0);
    expect(sum(text.runs.map((run) => run.count))).toBe(count);
    const [turn] = z
      .array(z.object({ user: z.string(), assistant: z.string() }))
      .parse(samples.more[0]?.conversations);
    const texts = (isLoss: boolean) => text.runs.filter((run) => run.loss === isLoss).map((run) => run.text);
    expect(texts(true)).toEqual([turn?.assistant, "<|im_end|>", "\n"]);
    expect(texts(false).join("")).toContain(`<|im_start|>user\n${turn?.user}<|im_end|>\n`);
    expect(text.runs.filter((run) => run.control).map((run) => run.text)).toEqual([
      ...["<|im_start|>", "<|im_end|>", "<|im_start|>", "<|im_end|>", "<|im_start|>", "<|im_end|>"],
    ]);
  });

  it("were cut where the ledger says so, and not for being as many as the recipe lets", async () => {
    for (const position of [1, 2, 7]) expect(idsOf(position)).toHaveLength(samples.maxTokens);
    const told = await Promise.all([1, 2, 7].map((position) => onlyList(position)));
    expect(told.map(({ cut }) => cut)).toEqual(["yes", "no", "perhaps"]);
  });

  it("are two lists in a preference pair", async () => {
    const { tokens } = await sample(3);
    expect(tokens?.map(({ name, count }) => [name, count])).toEqual([
      ["chosen", idsOf(3, "chosen_token_ids").length],
      ["rejected", idsOf(3, "rejected_token_ids").length],
    ]);
    for (const { name, text } of tokens ?? []) {
      if (text.kind !== "runs") throw new Error(text.why);
      expect(text.runs.find(({ loss }) => loss)?.text).toBe(samples.more[3]?.[`${name}_assistant`]);
    }
  });

  it("are null where a sample has none", async () => {
    expect((await sample(4)).tokens).toBeNull();
  });

  it("have counts and no text where the mask does not fit", async () => {
    const { count, loss, text } = await onlyList(5);
    expect([count, loss]).toEqual([idsOf(5).length, 0]);
    expect(text).toEqual({
      kind: "unknown",
      why: "loss_mask is no list of 0 and 1 as long as token_ids",
    });
  });

  it("are shown as far as anybody reads, with the number of the others", async () => {
    const { count, text } = await onlyList(6);
    if (text.kind !== "runs") throw new Error(text.why);
    expect(sum(text.runs.map((run) => run.count))).toBe(2_000);
    expect(text.notShown).toBe(count - 2_000);
    expect(text.notShown).toBeGreaterThan(0);
  });

  it("have counts and no text in a shard of another recipe", async () => {
    const { count, cut, text } = await onlyList(0, 1);
    expect([count, cut]).toEqual([idsOf(0).length, "no"]);
    expect((await onlyList(1, 1)).cut).toBe("yes");
    expect(text).toMatchObject({ kind: "unknown", why: expect.stringContaining("of another recipe") });
  });

  it("have counts and no text where the tokenizer's files have changed or are gone", async () => {
    const folder = join(place.root, "openvid-1m/.shardmill/tokenizers");
    const [name = ""] = await readdir(folder);
    const whyNow = async () => {
      const { count, text } = await onlyList(0, 0, await place.open());
      expect(count).toBe(idsOf(0).length);
      return text.kind === "unknown" ? text.why : null;
    };
    expect(await whyNow()).toBeNull();
    await writeFile(join(folder, name), JSON.stringify({ ...tokenizerFiles, config: "{}" }));
    expect(await whyNow()).toContain("have changed");
    await writeFile(join(folder, name), "{");
    expect(await whyNow()).toContain("cannot be read");
    await rm(join(folder, name));
    expect(await whyNow()).toContain("are not beside the records any more");
    // Whoever has it open needs no files.
    expect((await onlyList(0)).text.kind).toBe("runs");
  });
});
