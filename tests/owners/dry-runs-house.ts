import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadCatalogue } from "@shardmill/catalogue";
import { readToolchain } from "@shardmill/media";
import { startPlanWorker } from "@shardmill/plan-worker";
import { pino } from "pino";
import { openTestPlace, type TestPlace } from "../../apps/api/testing/open-test-api.ts";
import { Seeded } from "../../packages/core/testing/seeded.ts";
import { tarGzOf } from "../datasets/fixtures/tar.ts";
import { until } from "../faults/until.ts";
import { captionsCsv, picture, put } from "../sources/changed-house.ts";
import { shardmill } from "../support/shardmill.ts";
import { zip } from "../support/zip.ts";
import { generateState } from "./generated-states.ts";

const kinds = { zips: "zip", streams: "tar.gz" } as const;
export type Kind = keyof typeof kinds;
export const labels = ["p0000", "p0001", "p0002"] as const;

/** What a request says that it makes, or would. */
export interface Told {
  readonly state: string;
  readonly items: readonly { readonly label: string; readonly shards: number | null }[];
  readonly stale: readonly { readonly label: string }[];
  readonly leftAlone: number;
}

/** A service over a copy of an output in which something has happened, with a worker that plans and none that mills. */
export interface Stage {
  /** What has happened to each part, for the message of a test that fails. */
  readonly state: string;
  ask(path: string, body: object): Promise<{ readonly status: number; readonly body: Told }>;
  /** Jobs that are there once everything has been planned: labels of parts, and how many shards of each. */
  jobs(): Promise<{ readonly parts: readonly string[]; readonly shards: Readonly<Record<string, number>> }>;
  close(): Promise<void>;
}

/** Two outputs of three small parts each, made once by the real command line: a zip and a tar.gz that is streamed. */
export class DryRunsHouse {
  readonly #scratch: string;
  readonly #place: TestPlace;
  #stages = 0;

  private constructor(scratch: string, place: TestPlace) {
    this.#scratch = scratch;
    this.#place = place;
  }

  static async open(): Promise<DryRunsHouse> {
    const scratch = await mkdtemp(join(tmpdir(), "shardmill-dry-runs-"));
    const house = new DryRunsHouse(scratch, await openTestPlace());
    for (const [kind, archive] of Object.entries(kinds)) await house.#build(kind, archive);
    return house;
  }

  async close(): Promise<void> {
    await this.#place.close();
    await rm(this.#scratch, { recursive: true, force: true });
  }

  get #entries(): string {
    return join(this.#scratch, "config/shardmill/datasets");
  }

  async stage(kind: Kind, seed: number): Promise<Stage> {
    this.#stages += 1;
    const to = join(this.#scratch, `stage-${this.#stages}`);
    const from = { out: join(this.#scratch, kind, "out"), source: join(this.#scratch, kind, "source") };
    const own = { out: join(to, "out"), source: join(to, "source") };
    const state = await generateState(from, own, kind, labels, new Seeded(seed));
    return this.#open(kind, to, state);
  }

  async #open(kind: Kind, to: string, state: string): Promise<Stage> {
    const { queue } = this.#place;
    const { surroundings: common } = await this.#place.deps();
    const surroundings = { ...common, outRoot: join(to, "out") };
    const api = await this.#place.open({
      catalogue: await loadCatalogue(this.#entries),
      toolchain: readToolchain,
      surroundings,
      sourceFolders: new Map([[kind, join(to, "source")]]),
      // A request is answered when it is carried out, however busy the machine.
      limits: { keepEveryMs: 60_000, planningAnswerMs: 600_000 },
    });
    const log = pino({ level: "silent" });
    const worker = await startPlanWorker({ queue, surroundings, concurrency: 2, log });
    let build = "";
    return {
      state,
      async ask(path, body) {
        const answer = await api.app.inject({
          method: "POST",
          url: `/api/builds${path}`,
          headers: { host: "127.0.0.1" },
          payload: body,
        });
        const told = answer.json();
        build = told.build ?? build;
        return { status: answer.statusCode, body: told };
      },
      async jobs() {
        const jobs = await until("everything is planned", async () => {
          const now = await queue.jobsOf(build);
          const toCome = [...now.waiting, ...now.active, ...now.delayed];
          return toCome.every(({ what }) => what === "shard") && now;
        });
        const all = [...jobs.waiting, ...jobs.delayed, ...jobs.parked, ...jobs.completed, ...jobs.failed];
        const of = (what: string) => all.flatMap((job) => (job.what === what ? (job.label ?? []) : []));
        const shards: Record<string, number> = {};
        for (const label of of("shard")) shards[label] = (shards[label] ?? 0) + 1;
        return { parts: of("part").sort(), shards };
      },
      async close() {
        await worker.close({ drain: false });
        await api.close();
        if (build !== "") {
          await queue.removeBuild(build);
          await queue.setControl(build, "run");
        }
        await rm(to, { recursive: true, force: true });
      },
    };
  }

  async #build(kind: string, archive: string): Promise<void> {
    const source = join(this.#scratch, kind, "source");
    await mkdir(this.#entries, { recursive: true });
    await writeFile(join(this.#entries, `${kind}.yaml`), entryOf(kind, archive));
    await put(source, await filesOf(archive));
    const args = ["build", kind, "--out", join(this.#scratch, kind, "out"), "--source", source];
    const environment = { XDG_CONFIG_HOME: join(this.#scratch, "config") };
    const { code, stderr } = await shardmill([...args, "--workers", "1"], environment);
    if (code !== 1)
      throw new Error(`a broken picture in every part: expected exit 1, found ${code}: ${stderr}`);
  }
}

function entryOf(kind: string, archive: string): string {
  return `name: ${kind}
title: Pictures
keyPrefix: ${kind}
sourceName: ${kind}
license: CC-BY-4.0
source: { kind: hub, repo: "me/pictures" }
parts: [{ archive: ${archive}, path: "part_{part}.${archive}" }]
media: images
annotations:
  kind: files
  files: [{ path: captions.csv, format: csv }]
  key: name
  match: [basename]
text: { adapter: caption, caption: caption }
recipe: { samplesPerShard: 2 }
`;
}

/** Six pictures a part, one of them broken; and beside them the same archives with another picture in each. */
async function filesOf(archive: string): Promise<Record<string, Uint8Array | string>> {
  const files: Record<string, Uint8Array | string> = {};
  const captions: Record<string, string> = {};
  for (const part of labels.keys()) {
    const archiveOf = async (seed: number): Promise<Uint8Array> => {
      const members = [];
      for (let at = 0; at < 6; at += 1) {
        const bytes = await picture(part * 10 + at + (at === 2 ? seed : 0));
        members.push({ name: `pic_${part}_${at}.png`, bytes: at === 4 ? broken(bytes) : bytes });
      }
      return archive === "zip" ? zip(members) : tarGzOf(members);
    };
    for (let at = 0; at < 6; at += 1) captions[`pic_${part}_${at}.png`] = `The picture ${at} of ${part}.`;
    files[`part_${part}.${archive}`] = await archiveOf(0);
    files[`others/part_${part}.${archive}`] = await archiveOf(3);
  }
  return { ...files, "captions.csv": captionsCsv(captions) };
}

/** Still a PNG by its first bytes. */
function broken(bytes: Buffer): Buffer {
  return bytes.subarray(0, 60);
}
