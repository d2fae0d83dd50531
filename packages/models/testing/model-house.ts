import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localRateGate, type Source, systemClock } from "@shardmill/core";
import { openSource } from "@shardmill/sources";
import { type HubStandIn, startHubStandIn } from "../../../tests/hub-stand-in/index.ts";
import { type GetOptions, type GetResult, getModel } from "../src/get-model.ts";

/** Bytes that no two files share. */
export function bytesOf(seed: string, length: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < length; at += 32) pieces.push(createHash("sha256").update(`${seed} ${at}`).digest());
  return Buffer.concat(pieces).subarray(0, length);
}

export const files = {
  "config.json": '{"hidden": 576}\n',
  "empty.txt": "",
  "model.safetensors": bytesOf("weights", 400_000),
  "onnx/model.onnx": bytesOf("onnx", 90_000),
  "tokenizer.json": bytesOf("tokenizer", 30_000),
};
export const names = Object.keys(files) as (keyof typeof files)[];

/** By path: the state, or the code of what went wrong. */
export const states = ({ files: all }: GetResult): Record<string, string> =>
  Object.fromEntries(all.map(({ path, state, problem }) => [path, problem?.code ?? state]));
export const everyIs = (state: string): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, state]));

interface Getting extends Partial<GetOptions> {
  readonly signal?: AbortSignal;
  readonly source?: Source;
}

/** A model's repository, and a folder for its files. */
export class ModelHouse {
  readonly hub: HubStandIn;
  readonly scratch: string;
  readonly dir: string;

  private constructor(hub: HubStandIn, scratch: string) {
    this.hub = hub;
    this.scratch = scratch;
    this.dir = join(scratch, "model");
  }

  static async open(): Promise<ModelHouse> {
    const scratch = await mkdtemp(join(tmpdir(), "shardmill-models-"));
    return new ModelHouse(await startHubStandIn({ repo: "org/model", type: "model", files }), scratch);
  }

  async close(): Promise<void> {
    await this.hub.close();
    await rm(this.scratch, { recursive: true, force: true });
  }

  source(revision = "main", token: string | null = null): Promise<Source> {
    const { endpoint } = this.hub;
    const spec = { kind: "hub", type: "model", repo: "org/model", revision, endpoint, token } as const;
    const deps = { gate: localRateGate(systemClock), clock: systemClock, firstBackoffMs: 1 };
    return openSource(spec, deps, new AbortController().signal);
  }

  async get({ signal, source, ...options }: Getting = {}): Promise<GetResult> {
    return getModel(
      source ?? (await this.source()),
      { dir: this.dir, isWanted: () => true, clock: systemClock, ...options },
      signal ?? new AbortController().signal,
    );
  }

  /** Ends an attempt when so many bytes of the weights are here. */
  async breakOff(atBytes: number): Promise<void> {
    const stop = new AbortController();
    const enough = new Error("enough");
    const onBytes: GetOptions["onBytes"] = ({ path }, phase, done) => {
      if (path === "model.safetensors" && phase === "fetching" && done >= atBytes) stop.abort(enough);
    };
    const ended = await this.get({ onBytes, signal: stop.signal }).catch((error: unknown) => error);
    if (ended !== enough) throw new Error("it was not broken off", { cause: ended });
  }

  /** Every file in the folder, hidden ones too. */
  async below(): Promise<string[]> {
    const entries = await readdir(this.dir, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.dir.length + 1))
      .sort();
  }

  async partialOfWeights(): Promise<string> {
    const name = (await this.below()).find((path) => path.startsWith(".model.safetensors~"));
    if (name === undefined) throw new Error("nothing is left of the weights");
    return join(this.dir, name);
  }

  async holds(name: keyof typeof files): Promise<boolean> {
    return Buffer.from(files[name]).equals(await readFile(join(this.dir, name)));
  }
}
