import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles } from "../support/openvid-mirror.ts";
import { leftovers, readSamples, shardHashes, tarsIn } from "../support/read-shards.ts";
import { type Running, shardmill, shardmillJson, startShardmill } from "../support/shardmill.ts";

interface StatusPart {
  readonly label: string;
  readonly state: string;
  readonly members: number | null;
  readonly packed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly samples: number;
  readonly shards: { readonly done: number; readonly total: number | null };
  readonly byCode: Readonly<Record<string, number>>;
  readonly error: { readonly code: string; readonly detail: string } | null;
}

export interface Status {
  readonly parts: readonly StatusPart[];
  readonly totals: {
    readonly members: number;
    readonly packed: number;
    readonly failed: number;
    readonly skipped: number;
    readonly samples: number;
  };
}

export interface Verdict {
  readonly ok: boolean;
  readonly shards: number;
  readonly samples: number;
  readonly problems: readonly { shard: string | null; code: string; detail: string }[];
}

export interface Line {
  readonly position: number;
  readonly member: string;
  readonly outcome: "packed" | "failed" | "skipped";
  readonly key: string | null;
  readonly code: string | null;
}

const dataset = "openvid-1m";

/**
 * A small repository laid out like OpenVid's, behind two Hub stand-ins with the same content: one as fast as it goes, for
 * the undisturbed build, and one slow enough that a build can be met in the middle.
 */
export class MillHouse {
  readonly scratch: string;
  readonly quick: HubStandIn;
  readonly slow: HubStandIn;
  readonly members: number;
  /** sha256 of each tar of the undisturbed build. */
  reference: Readonly<Record<string, string>> = {};
  /** Shards of that build; one in which nothing could be packed has a manifest and no tar. */
  shards = 0;
  readonly #parts: readonly number[];
  readonly #settings: readonly string[];
  #outs = 0;

  private constructor(
    scratch: string,
    hubs: { quick: HubStandIn; slow: HubStandIn },
    shape: { parts: readonly number[]; members: number; samplesPerShard: number },
  ) {
    this.scratch = scratch;
    this.quick = hubs.quick;
    this.slow = hubs.slow;
    this.members = shape.members;
    this.#parts = shape.parts;
    this.#settings = ["--set", `samplesPerShard=${shape.samplesPerShard}`];
  }

  /** Each part has `each` clips; the last part also a file that is no video, and one without a caption. */
  static async open(options: {
    parts: readonly number[];
    each: number;
    samplesPerShard: number;
    /** Of the slow stand-in. */
    seconds: number;
  }): Promise<MillHouse> {
    const scratch = await mkdtemp(join(tmpdir(), "shardmill-faults-"));
    const clips = await makeClips(Math.min(8, options.each));
    const last = options.parts.at(-1) ?? 0;
    const damaged = [
      { name: `videos_${last}/noise.mp4`, bytes: Buffer.from("no video, though its name says so") },
      { name: `videos_${last}/unknown.mp4`, bytes: clips[0] ?? Buffer.alloc(1) },
    ];
    const files = Object.fromEntries(
      await openvidFiles(
        options.parts.map((part) => ({
          part,
          members: [...membersOf(part, clips, options.each), ...(part === last ? damaged : [])],
          uncaptioned: ["unknown.mp4"],
        })),
      ),
    );
    const bytes = Object.values(files).reduce((sum, file) => sum + file.length, 0);
    const repo = "nkp37/OpenVid-1M";
    const quick = await startHubStandIn({ repo, files });
    const slow = await startHubStandIn({
      repo,
      files,
      bytesPerSecond: Math.ceil(bytes / options.seconds),
    });
    const members = options.parts.length * options.each + damaged.length;
    const { parts, samplesPerShard } = options;
    const house = new MillHouse(scratch, { quick, slow }, { parts, members, samplesPerShard });
    const out = house.newOut();
    const ended = await shardmill(house.buildArgs(out), { HF_ENDPOINT: quick.endpoint });
    // 1: one sample failed, as planted.
    expect(ended.code, ended.stderr).toBe(1);
    house.reference = shardHashes(house.folder(out));
    house.shards = house.manifests(out).length;
    return house;
  }

  async close(): Promise<void> {
    await Promise.all([this.quick.close(), this.slow.close()]);
    await rm(this.scratch, { recursive: true, force: true });
  }

  newOut(): string {
    this.#outs += 1;
    return join(this.scratch, `out-${this.#outs}`);
  }

  folder(out: string): string {
    return join(out, dataset);
  }

  buildArgs(out: string): string[] {
    return [
      "build",
      dataset,
      "--parts",
      this.#parts.join(),
      "--out",
      out,
      ...this.#settings,
      "--workers",
      "2",
    ];
  }

  /** Starts a build that takes some seconds. */
  start(
    out: string,
    environment: Readonly<Record<string, string>> = {},
    more: readonly string[] = [],
  ): Running {
    return startShardmill([...this.buildArgs(out), ...more], {
      HF_ENDPOINT: this.slow.endpoint,
      ...environment,
    });
  }

  /** Builds, or carries on, as quickly as it goes. */
  async finish(out: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const ended = await shardmill(this.buildArgs(out), { HF_ENDPOINT: this.quick.endpoint, ...environment });
    expect(ended.code, ended.stderr).toBe(1);
  }

  manifests(out: string): string[] {
    return this.manifestsIn(this.folder(out));
  }

  /** Of a dataset's folder; temporary names do not count. */
  manifestsIn(folder: string): string[] {
    const manifests = join(folder, ".shardmill/manifests");
    if (!existsSync(manifests)) return [];
    return readdirSync(manifests)
      .filter((name) => name.endsWith(".json") && !name.startsWith("."))
      .sort();
  }

  /** `host/pid` of the worker that made each committed shard. */
  makers(out: string): string[] {
    const folder = join(this.folder(out), ".shardmill/manifests");
    return this.manifests(out).map((name) => {
      const manifest = JSON.parse(readFileSync(join(folder, name), "utf8")) as { made: { worker: string } };
      return manifest.made.worker;
    });
  }

  hashesIn(folder: string): Record<string, string> {
    return shardHashes(folder);
  }

  /** Some shards are committed, and not all. */
  isInTheMiddle(out: string): boolean {
    const committed = this.manifests(out).length;
    return committed > 0 && committed < this.shards;
  }

  status(out: string): Promise<Status> {
    return shardmillJson<Status>(["status", dataset, "--out", out]);
  }

  verify(out: string): Promise<Verdict> {
    return shardmillJson<Verdict>(["verify", this.folder(out)]);
  }

  ledger(out: string, shard: string): Line[] {
    const file = join(this.folder(out), ".shardmill/ledger", `${shard}.jsonl`);
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
  }

  /** What must hold after every accident, once the build has ended. */
  async expectAsIfNothingHappened(out: string): Promise<void> {
    const folder = this.folder(out);
    expect(shardHashes(folder)).toEqual(this.reference);
    expect(leftovers(folder)).toEqual([]);
    const keys = tarsIn(folder).flatMap((tar) => readSamples(join(folder, tar)).map(({ key }) => key));
    expect(new Set(keys).size).toBe(keys.length);
    const { parts, totals } = await this.status(out);
    expect(totals).toMatchObject({ members: this.members, failed: 1, skipped: 1 });
    expect(totals.packed).toBe(keys.length);
    for (const part of parts.filter(({ members }) => members !== null)) {
      expect(part.state).toBe("done");
      expect(part.members).toBe(part.packed + part.failed + part.skipped);
    }
    const packed = tarsIn(folder).flatMap((tar) =>
      this.ledger(out, tar.slice(0, -".tar".length)).flatMap(({ key }) => (key === null ? [] : [key])),
    );
    expect(packed.sort()).toEqual(keys.sort());
    expect(await this.verify(out)).toMatchObject({ ok: true, problems: [] });
  }
}
