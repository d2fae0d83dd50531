import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDataset } from "@shardmill/catalogue";
import { type BuildRecord, localRateGate, type Manifest, systemClock } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import {
  type BuildContext,
  composeAgain,
  millShard,
  noQueue,
  type PartOrder,
  type PartStatus,
  planBuild,
  preparePart,
  readStatus,
  sealPart,
} from "@shardmill/pipeline";
import { openRecords, openStore, type Store } from "@shardmill/store";
import { type OpenDataset, openDataset } from "../datasets/fixtures/open-dataset.ts";
import { tarGzOf } from "../datasets/fixtures/tar.ts";
import { jsonOf, readSamples, tarsIn } from "../support/read-shards.ts";
import { zip } from "../support/zip.ts";
import { captionsCsv, picture, put } from "./changed-house.ts";

const kinds = {
  zips: { parts: '{ archive: zip, path: "p_{part}.zip" }', pack: zip },
  loose: { parts: '{ archive: images, path: "pics/**" }', pack: zip },
  targzs: { parts: '{ archive: tar.gz, path: "p_{part}.tar.gz" }', pack: tarGzOf },
};
export type Kind = keyof typeof kinds;

export const signal = new AbortController().signal;
export const part = { subset: null, part: 0 };
const label = "p0000";
const count = 8;

/** One part of eight pictures, two a shard, through the pipeline in this process: every step can be held up or broken. */
export class ReplanHouse {
  readonly kind: Kind;
  readonly scratch: string;
  readonly source: string;
  #outs = 0;

  private constructor(kind: Kind, scratch: string) {
    this.kind = kind;
    this.scratch = scratch;
    this.source = join(scratch, "source");
  }

  /** `broken`: numbers of pictures that no decoder can read. */
  static async open(kind: Kind, broken: readonly number[] = []): Promise<ReplanHouse> {
    const house = new ReplanHouse(kind, await mkdtemp(join(tmpdir(), "shardmill-replan-")));
    await house.putArchive(0, broken);
    await house.caption({});
    return house;
  }

  close(): Promise<void> {
    return rm(this.scratch, { recursive: true, force: true });
  }

  /** `others`: pictures by number that are of another seed. */
  async putArchive(
    seed: number,
    broken: readonly number[] = [],
    others: Readonly<Record<number, number>> = {},
  ): Promise<void> {
    const members = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const bytes = await picture((others[at] ?? seed) + at);
        // The sign of a picture, and noise behind it.
        return { name: `${at}.png`, bytes: broken.includes(at) ? bytes.fill(7, 64) : bytes };
      }),
    );
    if (this.kind === "loose") {
      const files = Object.entries(others).length === 0 ? members : members.filter((_, at) => at in others);
      await put(this.source, Object.fromEntries(files.map(({ name, bytes }) => [`pics/${name}`, bytes])));
      return;
    }
    const name = this.kind === "zips" ? "p_0.zip" : "p_0.tar.gz";
    await put(this.source, { [name]: await kinds[this.kind].pack(members) });
  }

  /** Writes the captions: `Picture 3.` unless said otherwise; null leaves one out. */
  async caption(edits: Readonly<Record<number, string | null>>): Promise<void> {
    const rows = Array.from({ length: count }, (_, at) => [
      `${at}.png`,
      edits[at] === undefined ? `Picture ${at}.` : edits[at],
    ]).filter((row): row is [string, string] => row[1] !== null);
    await put(this.source, { "captions.csv": captionsCsv(Object.fromEntries(rows)) });
  }

  newOut(): string {
    this.#outs += 1;
    return join(this.scratch, `out-${this.#outs}`);
  }

  /** A build that is planned, milled and sealed. */
  async built(): Promise<string> {
    const out = this.newOut();
    await mkdir(out);
    const parsed = parseDataset(this.#yaml(), "toy.yaml");
    if (parsed.kind !== "ok") throw new Error(JSON.stringify(parsed));
    const request = {
      dataset: parsed.value,
      sourceFolder: this.source,
      parts: null,
      settings: [],
      rebuild: false,
      toolchain: readToolchain,
    };
    await planBuild(request, surroundingsOf(out), signal);
    await using opened = await openAt(out);
    await work(opened, { kind: "missing" });
    return out;
  }

  async copyOf(out: string): Promise<string> {
    const copy = this.newOut();
    await cp(out, copy, { recursive: true, preserveTimestamps: true });
    return copy;
  }

  #yaml(): string {
    return `name: toy
title: Toy
keyPrefix: toy
sourceName: toy
license: CC-BY-4.0
source: { kind: folder }
parts: [${kinds[this.kind].parts}]
media: images
annotations: { kind: files, files: [{ path: captions.csv, format: csv }], key: name }
text: { adapter: caption, caption: caption }
recipe: { samplesPerShard: 2 }
`;
  }
}

function surroundingsOf(outRoot: string) {
  return {
    outRoot,
    hubEndpoint: "http://127.0.0.1:9",
    hubToken: null,
    gate: localRateGate(systemClock),
    clock: systemClock,
    worker: "test/1",
  };
}

export async function openAt(out: string): Promise<OpenDataset & AsyncDisposable> {
  const opened = await openDataset("toy", out, "http://127.0.0.1:9");
  return { ...opened, [Symbol.asyncDispose]: opened.close };
}

/** Looks at the source as it is now and writes down what is seen, as `build` and `retry --stale` do. */
export async function look(out: string): Promise<BuildRecord> {
  const records = openRecords(await openStore(out), "toy");
  const build = await records.readBuild();
  if (build === null) throw new Error("no build");
  const now = await composeAgain(build, { toolchain: readToolchain }, surroundingsOf(out), signal);
  await records.writeBuild(now);
  return now;
}

export async function partStatus(out: string): Promise<PartStatus> {
  const records = openRecords(await openStore(out), "toy");
  const build = await records.readBuild();
  const status = build === null ? null : await readStatus(records, build, noQueue);
  const found = status?.parts.find((one) => one.label === label);
  if (found === undefined) throw new Error("no part");
  return found;
}

/** Does all that an order asks for, and ends the part. Returns how many shards were committed. */
export async function work({ context, tools }: OpenDataset, order: PartOrder): Promise<number> {
  const tasks = await preparePart(context, part, { order, run: 1 }, signal);
  let committed = 0;
  for (const task of tasks) {
    const ends = await millShard(context, { part, task }, tools, signal);
    committed += ends.filter(({ kind }) => kind === "committed").length;
  }
  await sealPart(context, part, null, signal);
  return committed;
}

/** The same build over a store that throws before the n-th change of a file, and at all that follow, as if killed. */
export function killedAt(context: BuildContext, n: number): BuildContext {
  let changes = 0;
  const changing = new Set<PropertyKey>(["put", "remove", "createTemp"]);
  const store: Store = new Proxy(context.store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (changing.has(name)) changes += 1;
        if (changing.has(name) && changes > n) throw new Error(`killed before change ${changes}`);
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  return { ...context, store, records: openRecords(store, "toy") };
}

/** Captions by the number of their picture. */
export function captionsIn(out: string): Record<string, unknown> {
  const folder = join(out, "toy");
  const samples = tarsIn(folder).flatMap((tar) => readSamples(join(folder, tar)));
  return Object.fromEntries(samples.map(jsonOf).map(({ member, caption }) => [member, caption]));
}

export async function manifests(out: string): Promise<Manifest[]> {
  return openRecords(await openStore(out), "toy").listManifests();
}
