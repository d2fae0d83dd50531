import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tokenizer as Oracle } from "@huggingface/tokenizers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shipped } from "../../packages/catalogue/testing/shipped.ts";
import { smallTokenizer } from "../../packages/text/testing/small-tokenizer.ts";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { samplesByKey, statusOf } from "../support/build-status.ts";
import { makeClips, makeWebm } from "../support/make-clips.ts";
import { writeFiles } from "../support/openvid-mirror.ts";
import { shardmill, shardmillJson } from "../support/shardmill.ts";
import { seedReads } from "../tokens/seed-reader.ts";
import { benchmarkCases } from "./fixtures/benchmark-cases.ts";
import { absentOf, booksLine, type EntryCase, type EntryMedia, repoOf } from "./fixtures/entry-case.ts";
import { makePictures } from "./fixtures/pictures.ts";
import type { RepositoryFiles } from "./fixtures/repository.ts";
import { type SmallWeb, startSmallWeb } from "./fixtures/small-web.ts";
import { trainingCases } from "./fixtures/training-cases.ts";

type Sample = ReturnType<typeof samplesByKey> extends Map<string, infer S> ? S : never;

const cases = [...trainingCases, ...benchmarkCases];
const tokenizer = smallTokenizer(
  "A question and its answer. What is shown? Describe this. Scene 1 of a video.",
);
const oracle = new Oracle(JSON.parse(tokenizer.tokenizer), {});
let scratch: string;
let web: SmallWeb;
let media: EntryMedia;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-every-entry-"));
  const clips = await makeClips(5);
  web = await startSmallWeb();
  web.on("clip", (response) => void response.end(clips[0]));
  const [picture = Buffer.of()] = await makePictures(1);
  media = { clips, webm: await makeWebm(), picture, web: web.base };
  await mkdir(join(scratch, "tokenizer"));
  await writeFile(join(scratch, "tokenizer/tokenizer.json"), tokenizer.tokenizer);
  await writeFile(join(scratch, "tokenizer/tokenizer_config.json"), tokenizer.config ?? "{}");
});

afterAll(async () => {
  await web.close();
  await rm(scratch, { recursive: true, force: true });
});

it("has a case for every entry that comes with Shardmill", async () => {
  const datasets = await shardmillJson<{ name: string }[]>(["datasets"]);
  expect(cases.map(({ name }) => name).sort()).toEqual(datasets.map(({ name }) => name).sort());
});

/** Where an entry is built from: a Hub that is about nothing else, or a folder. */
async function openSource({ name, beside }: EntryCase, files: RepositoryFiles): Promise<Source> {
  const repo = repoOf(name);
  if (repo === null) {
    const entries = Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)] as const);
    const folder = await writeFiles(join(scratch, name, "source"), new Map(entries));
    return { args: ["--source", folder], environment: {}, close: async () => undefined };
  }
  const hub: HubStandIn = await startHubStandIn({ repo, files, ...(beside && { beside }) });
  return { args: [], environment: { HF_ENDPOINT: hub.endpoint }, close: () => hub.close() };
}

interface Source {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Builds an entry into `raw` or `tokens`; its folder. */
async function built(entry: EntryCase, source: Source, into: string, more: readonly string[]) {
  const out = join(scratch, entry.name, into);
  const ended = await shardmill(
    ["build", entry.name, "--out", out, "--workers", "1", ...source.args, ...(entry.args ?? []), ...more],
    { SHARDMILL_ALLOW_PRIVATE_URLS: "1", ...source.environment },
  );
  expect(ended.code, ended.stderr + ended.stdout).toBe(entry.code);
  return { out, folder: join(out, entry.name) };
}

const picturesOf = ({ fields }: Sample): number =>
  [...fields.keys()].filter((field) => field.endsWith("jpg")).length;

/** What every sample of every entry has, whatever it is made of. */
function checkSamples(name: string, samples: ReadonlyMap<string, Sample>): void {
  const dataset = shipped(name);
  const shapes = new Set([...samples.values()].map(({ json }) => Object.keys(json).join()));
  expect([...shapes].length, "one schema").toBe(1);
  for (const [key, sample] of samples) {
    const { json } = sample;
    expect(key).toMatch(new RegExp(`^${dataset.keyPrefix}(-[a-z0-9_-]+)?-p\\d{4}-\\d{6}(-\\d+)?$`));
    expect(key.length).toBeLessThanOrEqual(60);
    expect(json.license, key).toBe(dataset.subsetTerms[String(json.subset)]?.license ?? dataset.license);
    expect(json.caption, key).toMatch(/\S/);
    if (dataset.media !== "none") expect(json.frame_count, key).toBe(picturesOf(sample));
    if (dataset.media === "video") checkTimes(key, json);
    if (dataset.purpose === "eval") checkQuestion(key, json);
  }
}

function checkTimes(key: string, json: Readonly<Record<string, unknown>>): void {
  const times = json.frame_times as number[];
  expect(times.length, key).toBe(json.frame_count);
  expect(times, key).toEqual([...times].sort((a, b) => a - b));
  expect(times[0], key).toBeGreaterThanOrEqual(0);
  expect(times.at(-1), key).toBeLessThan(Number(json.duration));
  if (typeof json.start === "number")
    expect(json.duration, key).toBeCloseTo(Number(json.end) - json.start, 2);
}

/** As the evaluator reads it: options are lines that begin with a capital letter and a dot, the answer is one of them. */
function checkQuestion(key: string, json: Readonly<Record<string, unknown>>): void {
  const lines = String(json.user).split("\n");
  const options = lines.filter((line) => /^[A-Z]\. /.test(line));
  expect(json.conversations, key).toHaveLength(1);
  if (options.length === 0) return;
  expect(lines, key).toEqual([lines[0], ...options]);
  expect(options, key).toContain(json.assistant);
}

/** The tokens say what the texts say, and the loss is on the answers at least. */
function checkTokens({ tokens: recipe }: EntryCase, samples: ReadonlyMap<string, Sample>): void {
  const decoded = (ids: unknown): string => oracle.decode(ids as number[], { skip_special_tokens: false });
  for (const [key, sample] of samples) {
    const { json } = sample;
    const sides = recipe === "seed-dpo" ? ["chosen_", "rejected_"] : [""];
    for (const side of sides) {
      const ids = json[`${side}token_ids`] as number[];
      const mask = json[`${side}loss_mask`] as number[];
      expect(mask.length, key).toBe(ids.length);
      const answer = String(json[`${side}assistant`] ?? json.caption);
      expect(decoded(ids), key).toContain(answer);
      expect(decoded(ids.filter((_, at) => mask[at] === 1)), key).toContain(answer);
    }
    if (recipe === "seed-dpo" || recipe === "seed-stage1-text") expect(picturesOf(sample), key).toBe(1);
    else expect(seedReads(json, picturesOf(sample)).problem, key).toBeNull();
  }
}

describe.each(cases.map((entry) => [entry.name, entry] as const))("%s", (name, entry) => {
  let source: Source;
  beforeAll(async () => {
    source = await openSource(entry, await entry.files(media));
  });
  afterAll(() => source.close());

  it("is built from what its upstream looks like: books balance, samples are whole, verify finds nothing", async () => {
    const { out, folder } = await built(entry, source, "raw", []);
    const status = await statusOf(name, out);
    const parts = status.parts.filter(({ state }) => state !== "absent");
    expect(Object.fromEntries(parts.map((part) => [part.label, booksLine(part)]))).toEqual(entry.parts);
    for (const { label, state, members, packed, failed, skipped } of parts)
      expect([label, state, members]).toEqual([label, "done", packed + failed + skipped]);
    expect(absentOf(status)).toEqual(entry.absent);
    expect(status.totals.unmatched).toBe(entry.unmatched);
    expect(status.totals.notFetched).toBe(entry.notFetched ?? null);
    for (const remark of entry.remarks ?? [])
      expect(status.remarks).toContainEqual(expect.stringMatching(remark));
    const samples = samplesByKey(folder);
    checkSamples(name, samples);
    for (const [key, told] of Object.entries(entry.samples))
      expect(samples.get(key)?.json, `${key}, of ${[...samples.keys()].join()}`).toMatchObject(told);
    const verdict = await shardmillJson(["verify", folder, "--deep"]);
    expect(verdict).toMatchObject({ ok: true, problems: [], samples: samples.size });
  });

  it.skipIf(entry.tokens === undefined)("is built with tokens, of as many samples", async () => {
    const recipe = ["--recipe", entry.tokens ?? "", "--set", `text.tokenizer=${join(scratch, "tokenizer")}`];
    const { folder } = await built(entry, source, "tokens", recipe);
    const samples = samplesByKey(folder);
    expect([...samples.keys()]).toEqual([...samplesByKey(join(scratch, name, "raw", name)).keys()]);
    checkTokens(entry, samples);
    const verdict = await shardmillJson(["verify", folder, "--deep"]);
    expect(verdict).toMatchObject({ ok: true, problems: [] });
  });
});
