import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openMediaPool } from "@shardmill/media";
import { MemberBuffers } from "@shardmill/pipeline";
import { type Fed, type From, feed, writeClips } from "./feed-mill.ts";
import { median } from "./measure.ts";

const options = {
  json: { type: "boolean", default: false },
  from: { type: "string", default: "memory,folder,hub" },
  fresh: { type: "boolean", default: false },
  clips: { type: "string", default: "256" },
  "clip-bytes": { type: "string", default: "2000000" },
  slots: { type: "string", default: "64" },
  shards: { type: "string", default: "8" },
  "wait-ms": { type: "string", default: "200" },
  frames: { type: "string", default: "8" },
  "frame-bytes": { type: "string", default: "9000" },
  memory: { type: "string", default: "512" },
  rounds: { type: "string", default: "3" },
} as const;

/**
 * `npm run bench -- feed`: what one worker process spends to bring members' bytes to its media children and their frames into
 * shards, when the children only wait. What it takes of the main thread for each MB is what caps a machine. `--fresh` has each
 * run also without room that is used again, in turn.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options });
  const clips = { count: Number(values.clips), bytes: Number(values["clip-bytes"]) };
  const scratch = await mkdtemp(join(tmpdir(), "shardmill-feed-"));
  const pool = await openMediaPool({
    size: Number(values.slots),
    decoder: "libav",
    program: fileURLToPath(new URL("./waiting-child.js", import.meta.url)),
    environment: {
      WAIT_MS: values["wait-ms"],
      FRAMES: values.frames,
      FRAME_BYTES: values["frame-bytes"],
    },
    // Nothing beats in a child that only waits.
    limits: { heartbeatS: Number.POSITIVE_INFINITY },
  });
  try {
    const repo = await writeClips(join(scratch, "repo"), clips);
    const memoryBytes = Number(values.memory) * 1e6;
    const shape = { repo, clips, shards: Number(values.shards), memoryBytes };
    const again = new MemberBuffers(memoryBytes);
    const kinds = values.from.split(",").flatMap((text) => {
      const from = fromOf(text);
      const used = { name: text, from, buffers: again };
      return values.fresh ? [{ name: `${text}, fresh memory`, from, buffers: null }, used] : [used];
    });
    const fed = new Map(kinds.map(({ name }) => [name, [] as Fed[]]));
    // The first round, in which code is compiled and children start, is not counted.
    for (let round = 0; round <= Number(values.rounds); round += 1)
      for (const { name, from, buffers } of kinds) {
        const one = await feed(scratch, { ...shape, from, buffers }, pool);
        if (round > 0) fed.get(name)?.push(one);
      }
    report(fed, values.json);
  } finally {
    await pool.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

function fromOf(text: string): From {
  if (text === "memory" || text === "folder" || text === "hub") return text;
  throw new Error(`expected memory, folder or hub, found ${text}`);
}

function report(fed: ReadonlyMap<string, readonly Fed[]>, json: boolean): void {
  const rows = [...fed].map(([from, rounds]) => {
    const of = (figure: keyof Fed): number =>
      Number(median(rounds.map((round) => round[figure])).toPrecision(3));
    return {
      from,
      "main thread, ms/MB (at most 3)": of("mainMsPerMb"),
      "whole process, ms/MB": of("allMsPerMb"),
      "MB/s (at least 300 on a quiet core)": of("mbPerSecond"),
      "GC, % of the main thread": Number((100 * of("gcShare")).toPrecision(3)),
      "grown, MiB": of("grownMiB"),
    };
  });
  if (json) console.log(JSON.stringify(rows, null, 2));
  else console.table(rows);
}
