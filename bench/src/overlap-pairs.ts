import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { compareSets, printedSet } from "@shardmill/mixes";
import { openRecords, openStore, putLines, type Store } from "@shardmill/store";
import { type Crowd, crowdOf, type PrintedClip } from "./overlap-crowd.ts";

const perShard = 1_000;
const sha256 = "0".repeat(64);

/**
 * `npm run bench -- overlap-pairs [--samples 100000] [--planted 1000] [--json]`: two outputs by their kept fingerprints alone, which are
 * generated: clips unlike each other, black ones, films between bars, a title card that one in ten begins with, and clips that lie in
 * both with some bits turned.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      samples: { type: "string", default: "100000" },
      planted: { type: "string", default: "1000" },
    },
  });
  const [samples, planted] = [Number(values.samples), Number(values.planted)];
  const root = await mkdtemp(join(tmpdir(), "shardmill-bench-overlap-pairs-"));
  try {
    const store = await openStore(root);
    const crowd = crowdOf({ samples, planted });
    await writePrints(store, "a", crowd.a(), samples);
    await writePrints(store, "b", crowd.b(), samples);
    const found = await compare(store, samples, crowd);
    if (values.json) {
      console.log(JSON.stringify({ samples, planted, ...found }, null, 2));
      return;
    }
    console.log(
      `${samples} x ${samples} samples: ${found.seconds.toFixed(1)} s, ${found.cpuSeconds.toFixed(1)} s of CPU, at most ${Math.round(found.peakMiB)} MiB (${Math.round(found.beforeMiB)} before)`,
    );
    console.log(
      `${found.plantedFound} of ${planted} planted clips found, ${found.falseAlarms} others; ${found.pairs} pairs listed; ${found.flatFrames} flat frames had no vote`,
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function writePrints(
  store: Store,
  name: string,
  clips: Iterable<PrintedClip>,
  samples: number,
): Promise<void> {
  const { paths } = openRecords(store, name);
  const iterator = clips[Symbol.iterator]();
  for (const { shard, samples: count } of shardsOf(name, samples)) {
    const lines = Array.from({ length: count }, () => iterator.next().value);
    await putLines(store, paths.prints(shard), [{ version: 1, sha256, samples: count }, ...lines]);
  }
}

function shardsOf(name: string, samples: number) {
  return Array.from({ length: Math.ceil(samples / perShard) }, (_, at) => ({
    shard: `${name}-p0000-${String(at).padStart(4, "0")}`,
    subset: null,
    sha256,
    samples: Math.min(perShard, samples - at * perShard),
  }));
}

async function compare(store: Store, samples: number, crowd: Crowd) {
  const { signal } = new AbortController();
  const [a, b] = await Promise.all(
    ["a", "b"].map((name) =>
      printedSet(
        openRecords(store, name),
        { name, entry: name, media: "video", dataset: { group: [], media: "video" } },
        shardsOf(name, samples),
        {
          signal,
        },
      ),
    ),
  );
  if (a === undefined || b === undefined) throw new Error("there are two");
  const plantedFound = new Set<string>();
  const others = new Set<string>();
  let pairs = 0;
  const beforeMiB = process.resourceUsage().maxRSS / 1024;
  const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
  const { a: counts } = await compareSets(a, b, {
    signal,
    onPair: ({ a: { key } }) => {
      pairs += 1;
      (crowd.isPlanted(key) ? plantedFound : others).add(key);
    },
  });
  const cpu = process.cpuUsage(cpuBefore);
  return {
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    beforeMiB,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    pairs,
    plantedFound: plantedFound.size,
    falseAlarms: others.size,
    flatFrames: counts.flatFrames,
  };
}
