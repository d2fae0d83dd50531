import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type HubStandIn, mulberry32, type StandInOptions, startHubStandIn } from "../hub-stand-in/index.ts";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles } from "../support/openvid-mirror.ts";
import { leftovers, shardHashes, tarsIn } from "../support/read-shards.ts";
import { type Ended, type Running, shardmillJson, startShardmill } from "../support/shardmill.ts";

export interface StatusPart {
  readonly label: string;
  readonly state: string;
  readonly packed: number;
  readonly shards: { readonly done: number; readonly total: number | null };
  readonly error: { readonly code: string; readonly detail: string } | null;
}

export interface Status {
  readonly parts: readonly StatusPart[];
  readonly totals: Readonly<Record<"members" | "packed" | "failed" | "skipped", number>>;
}

const dataset = "openvid-1m";
const repo = "nkp37/OpenVid-1M";
const parts = [72, 73, 74];
const each = 12;

/** Waits that suit a network on loopback. */
const quickWaits = { SHARDMILL_IDLE_TIMEOUT_MS: "2000", SHARDMILL_FIRST_BACKOFF_MS: "20" };

/**
 * Three parts like OpenVid's, heavy enough that bytes count: to each clip a `free` box of noise is added, which players
 * pass over. Any number of hubs serve them; the reference is what an undisturbed build makes of them.
 */
export class SourceHouse {
  readonly scratch: string;
  readonly files: Readonly<Record<string, Buffer>>;
  readonly members = parts.length * each;
  reference: Readonly<Record<string, string>> = {};
  /** Body bytes that the undisturbed build asked for. */
  referenceBytes = 0;
  /** Bytes of its tars. */
  referenceOutputBytes = 0;
  readonly #hubs: HubStandIn[] = [];
  readonly #builds: Running[] = [];
  #outs = 0;

  private constructor(scratch: string, files: Readonly<Record<string, Buffer>>) {
    this.scratch = scratch;
    this.files = files;
  }

  static async open(): Promise<SourceHouse> {
    const scratch = await mkdtemp(join(tmpdir(), "shardmill-sources-"));
    const clips = (await makeClips(6)).map((clip, index) => Buffer.concat([clip, freeBox(400_000, index)]));
    const content = parts.map((part) => ({ part, members: membersOf(part, clips, each) }));
    const house = new SourceHouse(scratch, Object.fromEntries(await openvidFiles(content)));
    const hub = await house.hub({});
    const out = house.newOut();
    const ended = await house.build(hub, out).ended;
    expect(ended.code, ended.stderr).toBe(0);
    house.reference = shardHashes(house.folder(out));
    house.referenceBytes = hub.bytesSent();
    house.referenceOutputBytes = tarBytes(house.folder(out));
    return house;
  }

  async hub(options: StandInOptions): Promise<HubStandIn> {
    const hub = await startHubStandIn({ repo, files: this.files, ...options });
    this.#hubs.push(hub);
    return hub;
  }

  async close(): Promise<void> {
    // A test that failed may have left its build waiting.
    for (const { child } of this.#builds) child.kill("SIGTERM");
    await Promise.all(this.#builds.map(({ ended }) => ended));
    await Promise.all(this.#hubs.map((hub) => hub.close()));
    await rm(this.scratch, { recursive: true, force: true });
  }

  newOut(): string {
    this.#outs += 1;
    return join(this.scratch, `out-${this.#outs}`);
  }

  folder(out: string): string {
    return join(out, dataset);
  }

  buildArgs(out: string, ...more: readonly string[]): string[] {
    const settings = ["--set", "samplesPerShard=3", "--workers", "2"];
    return ["build", dataset, "--parts", parts.join(), "--out", out, ...settings, ...more];
  }

  environment(hub: HubStandIn, more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { HF_ENDPOINT: hub.endpoint, ...quickWaits, ...more };
  }

  build(
    hub: HubStandIn,
    out: string,
    options: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
  ): Running {
    const running = startShardmill(
      this.buildArgs(out, ...(options.args ?? [])),
      this.environment(hub, options.env),
    );
    this.#builds.push(running);
    return running;
  }

  async status(out: string): Promise<Status> {
    return shardmillJson<Status>(["status", dataset, "--out", out]);
  }

  async part(out: string, label: string): Promise<StatusPart> {
    const found = (await this.status(out)).parts.find((part) => part.label === label);
    if (found === undefined) throw new Error(`status knows no ${label}`);
    return found;
  }

  async expectAsIfNothingHappened(out: string, ended: Ended): Promise<void> {
    expect(ended.code, ended.stderr).toBe(0);
    expect(shardHashes(this.folder(out))).toEqual(this.reference);
    expect(leftovers(this.folder(out))).toEqual([]);
    const { totals } = await this.status(out);
    expect(totals).toMatchObject({ members: this.members, packed: this.members, failed: 0, skipped: 0 });
  }
}

export function tarBytes(folder: string): number {
  return tarsIn(folder).reduce((sum, tar) => sum + statSync(join(folder, tar)).size, 0);
}

/** All lines that the workers of a build have logged. */
export function workerLog(folder: string): string {
  const logs = join(folder, ".shardmill/logs");
  return readdirSync(logs)
    .map((name) => readFileSync(join(logs, name), "utf8"))
    .join("");
}

/** Files below a folder that hold a text. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text));
}

function freeBox(bytes: number, seed: number): Buffer {
  const next = mulberry32(seed + 1);
  const box = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) box.writeUInt32LE(Math.floor(next() * 2 ** 32), at);
  box.writeUInt32BE(bytes, 0);
  box.write("free", 4, "latin1");
  return box;
}
