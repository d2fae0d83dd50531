import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@shardmill/store";
import { type ToyOutput, writeOutput } from "../../packages/mixes/testing/outputs.ts";
import {
  grantedToken,
  type HubStandIn,
  type StandInOptions,
  startHubStandIn,
} from "../hub-stand-in/index.ts";
import { type Ended, type Running, shardmill, shardmillJson, startShardmill } from "../support/shardmill.ts";

export const repo = "me/toy";

export interface Pushed {
  readonly commit: string | null;
  readonly commits: number;
  readonly sentBytes: number;
  readonly makes: { readonly repository: boolean; readonly branch: boolean };
  readonly send: readonly { readonly path: string; readonly sizeBytes: number; readonly sha256: string }[];
  readonly there: number;
  readonly removed: readonly string[];
}

const free: ToyOutput["terms"] = {
  terms: { commercial: "yes", redistribution: "yes", requires: [] },
};

/** Outputs in a folder, and a Hub to push them to. */
export class PushHouse {
  readonly scratch: string;
  readonly hub: HubStandIn;

  private constructor(scratch: string, hub: HubStandIn) {
    this.scratch = scratch;
    this.hub = hub;
  }

  static async open(options: StandInOptions = {}): Promise<PushHouse> {
    const scratch = await mkdtemp(join(tmpdir(), "shardmill-push-"));
    return new PushHouse(scratch, await startHubStandIn({ repo, absent: true, ...options }));
  }

  folder(name = "toy"): string {
    return join(this.scratch, "out", name);
  }

  /** An output of so many shards of two clips, with all their indexes. */
  async makeOutput(shards: number, more: Partial<ToyOutput> = {}): Promise<void> {
    const name = more.name ?? "toy";
    await mkdir(join(this.scratch, "out"), { recursive: true });
    const store = await openStore(join(this.scratch, "out"));
    const toys = Array.from({ length: shards }, (_, range) => ({ positions: [range * 2, range * 2 + 1] }));
    await writeOutput(store, { name, terms: free, shards: toys, ...more });
    await mkdir(join(this.folder(name), "dali"), { recursive: true });
    const tars = (await readdir(this.folder(name))).filter((file) => file.endsWith(".tar"));
    for (const tar of tars)
      await writeFile(join(this.folder(name), "dali", tar.replace(/tar$/, "idx")), `v1.2 1\n${tar}\n`);
  }

  environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const patience = { SHARDMILL_FIRST_BACKOFF_MS: "1" };
    return { HF_ENDPOINT: this.hub.endpoint, HF_TOKEN: grantedToken, ...patience, ...more };
  }

  push(...args: string[]): Promise<Ended> {
    return shardmill(["push", this.folder(), repo, ...args], this.environment());
  }

  pushJson(...args: string[]): Promise<Pushed> {
    return shardmillJson<Pushed>(["push", this.folder(), repo, ...args], this.environment());
  }

  start(...args: string[]): Running {
    return startShardmill(["push", this.folder(), repo, ...args], this.environment());
  }

  /** sha256 of the tars by their names, as they lie here. */
  async tars(): Promise<Record<string, string>> {
    const names = (await readdir(this.folder())).filter((name) => name.endsWith(".tar")).sort();
    const hashes = await Promise.all(
      names.map(async (name) => sha256(await readFile(join(this.folder(), name)))),
    );
    return Object.fromEntries(names.map((name, at) => [name, hashes[at] ?? ""]));
  }

  async close(): Promise<void> {
    await this.hub.close();
    await rm(this.scratch, { recursive: true, force: true });
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
