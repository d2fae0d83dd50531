import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { draftDataset, parseDataset } from "@shardmill/catalogue";
import { type FileIdentity, localRateGate, systemClock } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import {
  lookInto,
  millShard,
  openBuild,
  planBuild,
  preparePart,
  readColumns,
  sealBuild,
  sealPart,
} from "@shardmill/pipeline";
import { verifyPath } from "@shardmill/shards";
import { openSource } from "@shardmill/sources";
import { expect } from "vitest";
import { writeFiles } from "../support/openvid-mirror.ts";
import { jsonOf, readSamples, tarsIn } from "../support/read-shards.ts";
import { openDataset } from "./fixtures/open-dataset.ts";

const signal = new AbortController().signal;
const hub = "http://127.0.0.1:9";
export type Files = Record<string, Buffer>;

/** Folders of a user's own data, each drafted from what lies there, and built without a command line. */
export class ShapesHouse {
  readonly #scratch: string;

  private constructor(scratch: string) {
    this.#scratch = scratch;
  }

  static async open(): Promise<ShapesHouse> {
    return new ShapesHouse(await mkdtemp(join(tmpdir(), "shardmill-shapes-")));
  }

  async draft(name: string, files: Files) {
    const folder = await writeFiles(join(this.#scratch, name, "source"), new Map(Object.entries(files)));
    const deps = { gate: localRateGate(systemClock), clock: systemClock };
    const source = await openSource({ kind: "folder", path: folder }, deps, signal);
    const listed: FileIdentity[] = [];
    for await (const file of source.list(signal)) listed.push(file);
    const columns = await readColumns(source, listed, signal);
    const inside = await lookInto(source, listed, signal);
    return {
      folder,
      ...draftDataset({ title: basename(name), source: { kind: "folder" }, files: listed, columns, inside }),
    };
  }

  /** The JSON of every sample, and what the shards' proof says. */
  async built(name: string, files: Files): Promise<Record<string, unknown>[]> {
    const { folder, yaml, lacks } = await this.draft(name, files);
    expect(lacks).toBeUndefined();
    const parsed = parseDataset(yaml, `${name}.yaml`);
    if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
    const out = join(this.#scratch, name, "out");
    const surroundings = {
      ...{ outRoot: out, hubEndpoint: hub, hubToken: null, worker: "test/1" },
      ...{ gate: localRateGate(systemClock), clock: systemClock },
    };
    const toolchain = (decoder: "libav" | "process") => readToolchain(decoder);
    const request = { parts: null, settings: ["size=64"], rebuild: false, toolchain };
    await planBuild({ ...request, dataset: parsed.value, sourceFolder: folder }, surroundings, signal);
    const { context, tools, close } = await openDataset(name, out, hub);
    try {
      for (const part of context.build.selected) {
        const order = { kind: "missing" } as const;
        for (const task of await preparePart(context, part, { order, run: 1 }, signal))
          await millShard(context, { part, task }, tools, signal);
        expect((await sealPart(context, part, null, signal)).ending).toMatchObject({ state: "done" });
      }
      await sealBuild(await openBuild(name, surroundings, signal));
    } finally {
      await close();
    }
    expect(await verifyPath(join(out, name), { deep: true }, signal)).toMatchObject({
      ok: true,
      problems: [],
    });
    return tarsIn(join(out, name)).flatMap((tar) => readSamples(join(out, name, tar)).map(jsonOf));
  }

  close(): Promise<void> {
    return rm(this.#scratch, { recursive: true, force: true });
  }
}
