import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectQueue, type EmbeddedRedis, startEmbeddedRedis } from "@shardmill/queue";
import { RealService } from "../dashboard/real-service.ts";
import { until } from "../faults/until.ts";
import { type HubStandIn, startHubStandIn } from "../hub-stand-in/index.ts";
import { makeClips } from "../support/make-clips.ts";
import { membersOf, openvidFiles } from "../support/openvid-mirror.ts";
import { type Ended, type Running, shardmill, startShardmill } from "../support/shardmill.ts";

interface Time {
  readonly state: string;
  readonly beganAt: string | null;
  readonly seconds: number;
  readonly endedAt: string | null;
}

interface Detail {
  readonly time: Time;
  readonly control: string;
  readonly active: boolean;
  /** What has been asked for and is still being planned, or was refused. */
  readonly request: object | null;
}

/**
 * A service and a command line over one output folder, with a source so slow that a build can be met in the middle. The
 * Redis is shared by REDIS_URL, or each has a private one of its own.
 */
export class OwnersHouse {
  readonly scratch: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly service: RealService;
  readonly #hub: HubStandIn;
  readonly #redis: EmbeddedRedis | null;

  private constructor(open: {
    scratch: string;
    environment: Readonly<Record<string, string>>;
    service: RealService;
    hub: HubStandIn;
    redis: EmbeddedRedis | null;
  }) {
    this.scratch = open.scratch;
    this.environment = open.environment;
    this.service = open.service;
    this.#hub = open.hub;
    this.#redis = open.redis;
  }

  /** Two parts of a dozen clips each. */
  static async open(kind: "private" | "shared", seconds: number): Promise<OwnersHouse> {
    const scratch = await mkdtemp(join(tmpdir(), "shardmill-owners-"));
    const clips = await makeClips(3);
    const parts = [0, 1].map((part) => ({ part, members: membersOf(part, clips, 12) }));
    const files = Object.fromEntries(await openvidFiles(parts));
    const bytes = Object.values(files).reduce((sum, file) => sum + file.length, 0);
    const bytesPerSecond = Math.ceil(bytes / seconds);
    const hub = await startHubStandIn({ repo: "nkp37/OpenVid-1M", files, bytesPerSecond });
    const redis = kind === "shared" ? await startEmbeddedRedis() : null;
    const environment = {
      HF_ENDPOINT: hub.endpoint,
      XDG_CONFIG_HOME: "/nonexistent",
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
    };
    const more = ["--workers", "1"];
    const service = await RealService.start(scratch, { environment, more });
    return new OwnersHouse({ scratch, environment, service, hub, redis });
  }

  get out(): string {
    return join(this.scratch, "out");
  }

  args(verb: string, ...more: readonly string[]): string[] {
    return [verb, "openvid-1m", ...more, "--out", this.out];
  }

  buildArgs(): string[] {
    return this.args("build", "--parts", "0", "--set", "samplesPerShard=3", "--workers", "1");
  }

  run(verb: string, ...more: readonly string[]): Promise<Ended> {
    return shardmill(this.args(verb, ...more), this.environment);
  }

  start(args: readonly string[]): Running {
    return startShardmill(args, this.environment);
  }

  /** Returns when it is carried out: on a busy machine the first answer may be that it is being planned. */
  async post(path: string, body: unknown = {}): Promise<void> {
    const answer = await fetch(`${this.service.url}/api/builds${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const { state } = (await answer.json()) as { state?: string };
    if (state === "planning") await this.serviceSees("is planned", ({ request }) => request === null);
  }

  async detail(): Promise<Detail | null> {
    const answer = await fetch(`${this.service.url}/api/builds/openvid-1m`);
    return answer.ok ? ((await answer.json()) as Detail) : null;
  }

  /** Jobs of the build that have not ended, in whichever queue they are: its owner leaves the address beside it. */
  async jobs(): Promise<{ what: string; label: string | null }[]> {
    const records = join(this.out, "openvid-1m/.shardmill");
    const read = async (name: string) => JSON.parse(await readFile(join(records, name), "utf8"));
    const queue = await connectQueue({ url: (await read("queue.json")).url });
    const { waiting, active, delayed, parked } = await queue.jobsOf((await read("build.json")).build);
    await queue.close();
    return [...waiting, ...active, ...delayed, ...parked];
  }

  /** How long the build has been at work: as the service tells it, and then the command line. */
  async times(): Promise<[Time | undefined, Time]> {
    const told = (await this.detail())?.time;
    return [told, (JSON.parse((await this.run("status", "--json")).stdout) as Detail).time];
  }

  /** States of the two parts, as the service tells them. */
  async states(): Promise<Record<string, string>> {
    const answer = await fetch(`${this.service.url}/api/builds/openvid-1m/parts?pageSize=2`);
    if (!answer.ok) return {};
    const { parts } = (await answer.json()) as { parts: { label: string; state: string }[] };
    return Object.fromEntries(parts.map(({ label, state }) => [label, state]));
  }

  /** Looks until the service sees the build like that. */
  async serviceSees(what: string, isSo: (detail: Detail) => boolean): Promise<void> {
    await until(`the service sees that the build ${what}`, async () => {
      const detail = await this.detail();
      return detail !== null && isSo(detail);
    });
  }

  async serviceSeesPart(label: string, ...states: readonly string[]): Promise<void> {
    await until(`the service sees ${label} ${states.join(" or ")}`, async () =>
      states.includes((await this.states())[label] ?? ""),
    );
  }

  async close(): Promise<void> {
    await this.service.stop("SIGTERM");
    await this.#hub.close();
    await this.#redis?.close();
    await rm(this.scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}
