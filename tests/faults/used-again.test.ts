import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadCatalogue } from "@shardmill/catalogue";
import { type ClipResult, localRateGate, type MediaPool, Semaphore, systemClock } from "@shardmill/core";
import { readToolchain } from "@shardmill/media";
import { MemberBuffers, millShard, openBuild, planBuild, preparePart } from "@shardmill/pipeline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openvidFiles, writeFiles } from "../support/openvid-mirror.ts";

/** Clips are put where others were before: while one is being decoded nothing else may be put there. */
const signal = new AbortController().signal;
const clips = Array.from({ length: 24 }, (_, at) => ({
  name: `clip_${at}.mp4`,
  bytes: Buffer.alloc(150_000 + 9_000 * (at % 7), `${at} of the clips `),
  deflate: at % 3 === 0,
}));
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "shardmill-used-again-"));
  await writeFiles(join(scratch, "source"), await openvidFiles([{ part: 0, members: clips }]));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Reads a clip again and again while others come and go, and shows what its bytes were at the end. */
class SlowPool implements MediaPool {
  readonly size = 4;
  readonly rooms = new Set<ArrayBufferLike>();
  changed = 0;
  #asked = 0;

  async frames({ bytes }: { readonly bytes: Uint8Array }): Promise<ClipResult> {
    this.rooms.add(bytes.buffer);
    const hash = (): string => createHash("sha256").update(bytes).digest("hex");
    const first = hash();
    this.#asked += 1;
    for (let turn = 0; turn < this.#asked % 5; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (hash() !== first) this.changed += 1;
    }
    const frame = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.from(first), Buffer.from([0xff, 0xd9])]);
    return {
      kind: "frames",
      ...{ frames: [frame], timesS: [0], wanted: 1, decoded: 1, complete: true, decodeErrors: 0 },
      ...{ info: { durationS: 1, width: 224, height: 224, fps: 25, codec: "none" }, remarks: [] },
      ...{ seconds: 0, attempts: 1 },
    };
  }

  spans = (): never => {
    throw new Error("no stretch is asked for");
  };
  image = (): never => {
    throw new Error("no picture is asked for");
  };
  close = (): Promise<void> => Promise.resolve();
}

/** The hashes of the tars, in order, of a build whose shards are milled side by side. */
async function mill(out: string, pool: SlowPool, buffers?: MemberBuffers): Promise<(string | undefined)[]> {
  const surroundings = {
    ...{ outRoot: join(scratch, out), hubEndpoint: "http://127.0.0.1:9", hubToken: null },
    ...{ gate: localRateGate(systemClock), clock: systemClock, worker: "test" },
  };
  const folder = fileURLToPath(new URL("../../config/datasets", import.meta.url));
  const dataset = (await loadCatalogue(folder)).get("openvid-1m");
  const request = {
    ...{ dataset, sourceFolder: join(scratch, "source"), parts: null, rebuild: false },
    ...{ settings: ["samplesPerShard=8"], toolchain: readToolchain },
  };
  await planBuild(request, surroundings, signal);
  const build = await openBuild(dataset.name, surroundings, signal);
  const part = { subset: null, part: 0 };
  const tasks = await preparePart(build, part, { order: { kind: "missing" }, run: 1 }, signal);
  const tools = {
    ...{ pool, texts: null, toolchain: build.build.toolchain, onProgress: () => undefined },
    ...(buffers && { buffers }),
    budget: new Semaphore(1_000_000),
  };
  const ends = await Promise.all(tasks.map((task) => millShard(build, { part, task }, tools, signal)));
  return ends.flat().map(({ manifest }) => manifest.tar?.sha256);
}

it("clips that share their room one after another give the shards that each gave in memory of its own", async () => {
  const alone = new SlowPool();
  const expected = await mill("alone", alone);
  expect(expected).toHaveLength(3);
  expect(alone.rooms.size).toBe(clips.length);
  const sharing = new SlowPool();
  expect(await mill("sharing", sharing, new MemberBuffers(8_000_000))).toEqual(expected);
  expect(sharing.changed).toBe(0);
  // How many depends on who is done first; as many as there are clips only if none was used again.
  expect(sharing.rooms.size).toBeLessThan(clips.length);
});
