import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadCatalogue } from "@shardmill/catalogue";
import type { Dataset } from "@shardmill/core";
import { MillionOutput, type OutputSize } from "./million-output.ts";
import { pageCost, readySeconds } from "./million-service.ts";
import { descendantRssKib } from "./process-tree.ts";
import { queueOverhead } from "./queue-overhead.ts";
import { type Usage, usageOf } from "./used-command.ts";

const name = "openvid-1m";
const commands: Readonly<Record<string, (out: string) => string[]>> = {
  status: (out) => ["status", name, "--out", out, "--json"],
  failures: (out) => ["failures", name, "--out", out, "--json"],
  "export ledger": (out) => ["export", "ledger", name, "--out", out],
  verify: (out) => ["verify", join(out, name), "--json"],
};

interface Measured {
  readonly writtenSeconds: number;
  readonly usage: Readonly<Record<string, Usage>>;
  readonly readySeconds: number;
  readonly page: Awaited<ReturnType<typeof pageCost>>;
  readonly queue: Awaited<ReturnType<typeof queueCost>>;
}

/**
 * `npm run bench -- million [--shards 1000] [--members 10] [--parts 186] [--seconds 30] [--no-queue] [--json]`: an output of so
 * many shards, and one of ten times as many, through what reads records; the queue with shards in which there is nothing to
 * do. A slope of 10 is in proportion.
 */
export async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: "boolean", default: false },
      shards: { type: "string", default: "1000" },
      members: { type: "string", default: "10" },
      parts: { type: "string", default: "186" },
      seconds: { type: "string", default: "30" },
      "no-queue": { type: "boolean", default: false },
    },
  });
  const catalogue = await loadCatalogue(fileURLToPath(new URL("../../config/datasets", import.meta.url)));
  const dataset = catalogue.get(name);
  const [parts, members, seconds] = [Number(values.parts), Number(values.members), Number(values.seconds)];
  const measured: Measured[] = [];
  for (const shards of [Number(values.shards), 10 * Number(values.shards)])
    measured.push(
      await measure(dataset, { parts, shards, members }, { seconds, hasQueue: !values["no-queue"] }),
    );
  report(measured, Number(values.shards), values.json);
}

async function measure(
  dataset: Dataset,
  size: OutputSize,
  { seconds, hasQueue }: { readonly seconds: number; readonly hasQueue: boolean },
): Promise<Measured> {
  const out = await mkdtemp(join(tmpdir(), "shardmill-bench-million-"));
  try {
    const began = performance.now();
    const output = await MillionOutput.write(out, dataset, size);
    const writtenSeconds = (performance.now() - began) / 1000;
    const usage: Record<string, Usage> = {};
    for (const [command, words] of Object.entries(commands)) usage[command] = await usageOf(words(out));
    return {
      writtenSeconds,
      usage,
      readySeconds: await readySeconds(out),
      page: await pageCost(out, output, seconds),
      queue: await queueCost(hasQueue ? size.shards : 0),
    };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** A build of shards in which there is nothing to do: what the way through the queue takes, and what Redis holds at most. */
async function queueCost(shards: number): Promise<{ readonly msAShard: number; readonly redisMiB: number }> {
  let mostKib = 0;
  const timer = setInterval(() => {
    mostKib = Math.max(mostKib, descendantRssKib(/redis-server/));
  }, 250);
  try {
    const msAShard = shards === 0 ? 0 : await queueOverhead(shards, 2);
    return { msAShard, redisMiB: mostKib / 1024 };
  } finally {
    clearInterval(timer);
  }
}

function report([one, ten]: readonly Measured[], shards: number, json: boolean): void {
  if (one === undefined || ten === undefined) return;
  const rows: Record<string, readonly [number, number]> = {};
  for (const command of Object.keys(commands)) {
    const [small, large] = [one.usage[command], ten.usage[command]];
    if (small === undefined || large === undefined) continue;
    for (const figure of ["cpuSeconds", "seconds", "peakMiB", "opened", "looked", "listed"] as const)
      rows[`${command}: ${figure}`] = [small[figure], large[figure]];
  }
  rows["service: ready, seconds"] = [one.readySeconds, ten.readySeconds];
  rows["page beside a commit a second: % of a core"] = [one.page.corePercent, ten.page.corePercent];
  rows["page: seconds until a commit is told"] = [one.page.toldAfterSeconds, ten.page.toldAfterSeconds];
  for (const figure of ["msAShard", "redisMiB"] as const)
    rows[`queue: ${figure}`] = [one.queue[figure], ten.queue[figure]];
  const table = Object.entries(rows).map(([what, [small, large]]) => ({
    what,
    [`${shards} shards`]: round(small),
    [`${10 * shards} shards`]: round(large),
    slope: small === 0 ? null : round(large / small),
  }));
  if (json) console.log(JSON.stringify(table, null, 2));
  else console.table(table);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
