import { mkdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadCatalogue } from "@shardmill/catalogue";
import {
  type BuildRecord,
  type Code,
  composeRecipe,
  countLines,
  type Dataset,
  hashOf,
  type PartPlan,
  recipeHash,
  writtenCatalogueFields,
} from "@shardmill/core";
import { openShardWriter } from "@shardmill/shards";
import { openRecords, openStore, type Records } from "@shardmill/store";
import { aPartEnd } from "../../../packages/core/testing/records.ts";
import {
  keepTokenizer,
  tokenizerOfFiles,
} from "../../../packages/pipeline/src/context/recorded-tokenizer.ts";
import {
  buildOf,
  lineOf,
  manifestOf,
  type OutputSpec,
  type PartSpec,
  planOf,
  sampleOf,
  startedAt,
} from "./output-records.ts";

export async function catalogueDataset(name: string): Promise<Dataset> {
  return (await loadCatalogue(new URL("../../../config/datasets", import.meta.url).pathname)).get(name);
}

const writtenAtOnce = 8;

/** Plans, manifests, ledgers and tars as a build leaves them, written through the rooms that write them in a build. */
export async function writeOutput(spec: OutputSpec): Promise<{ records: Records; build: BuildRecord }> {
  const store = await openStore(spec.root, spec.fs === undefined ? {} : { fs: spec.fs });
  const records = openRecords(store, spec.dataset.name);
  const settings = [`samplesPerShard=${spec.samplesPerShard}`, ...(spec.settings ?? [])];
  const composed = composeRecipe(spec.dataset.recipe, settings);
  if (composed.kind !== "ok") throw new Error(composed.problems.join());
  const tokenizer = spec.tokenizer === undefined ? null : tokenizerOfFiles(spec.tokenizer);
  if (tokenizer !== null) await keepTokenizer(records, tokenizer);
  const { recorded = null } = tokenizer ?? {};
  const hash = recipeHash(composed.recipe, writtenCatalogueFields(spec.dataset), recorded?.identity);
  const build: BuildRecord = { ...buildOf(spec, composed.recipe, hash), tokenizer: recorded };
  await records.writeBuild(build);
  await mkdir(join(spec.root, records.paths.manifests), { recursive: true });
  await mkdir(join(spec.root, records.paths.ledgers), { recursive: true });
  for (let at = 0; at < spec.parts.length; at += writtenAtOnce)
    await Promise.all(
      spec.parts.slice(at, at + writtenAtOnce).map((part) => writePart(spec, records, build, part)),
    );
  return { records, build };
}

async function writePart(
  spec: OutputSpec,
  records: Records,
  build: BuildRecord,
  part: PartSpec,
): Promise<void> {
  if (part.kind === "absent" || part.kind === "missing") return;
  const members = part.members ?? spec.samplesPerShard;
  const id = { subset: null, part: part.part };
  const plan = planOf(spec, build, part, members);
  await records.writePlan(
    plan,
    plan.ranges.map(() => []),
  );
  const committed =
    part.kind === "partial" ? plan.ranges.slice(0, Math.ceil(plan.ranges.length / 2)) : plan.ranges;
  const codes = Object.entries(part.left ?? {}) as [Code, number][];
  const shares = codes.map(([code, count]) => [code, Math.ceil(count / plan.ranges.length), count] as const);
  const left = new Map(shares.map(([code, , count]) => [code, count]));
  for (const range of committed) {
    const fates: (Code | null)[] = [];
    for (const [code, share] of shares) {
      const now = Math.min(share, left.get(code) ?? 0);
      left.set(code, (left.get(code) ?? 0) - now);
      fates.push(...Array<Code>(now).fill(code));
    }
    await writeShard(spec, records, build, plan, range, fates, part.frames ?? 0);
  }
  const endedAt = new Date(startedAt + part.part * 900_000).toISOString();
  if (part.kind === "failed") {
    const detail = "the archive's directory names 5,412 entries, and its end was found after 5,208";
    await records.writePartEnd(
      aPartEnd({ ...id, state: "failed", code: "archive_malformed", detail, endedAt, build: build.build }),
    );
  } else if (part.kind === "done") {
    await records.writePartEnd(aPartEnd({ ...id, endedAt, build: build.build }));
  }
}

async function writeShard(
  spec: OutputSpec,
  records: Records,
  build: BuildRecord,
  plan: PartPlan,
  range: PartPlan["ranges"][number],
  fates: readonly (Code | null)[],
  frames: number,
): Promise<void> {
  const lines = Array.from({ length: range.members }, (_, index) => {
    const line = lineOf(spec.dataset, plan, range.first + index, fates[index] ?? null, frames);
    return line.outcome === "packed" ? { ...line, detail: spec.detail?.(line.position) ?? null } : line;
  });
  const counts = countLines(lines);
  const packed = lines.filter((line) => line.outcome === "packed");
  if (frames === 0) {
    const bytes = counts.packed * 61_440 + 10_240;
    const manifest = manifestOf(build, plan, range, counts, packed, {
      frames: counts.packed * 8,
      tar: { bytes, sha256: hashOf(range), md5: "0".repeat(32) },
    });
    await writeFile(join(spec.root, records.paths.tar(range.shard)), "");
    await truncate(join(spec.root, records.paths.tar(range.shard)), bytes);
    const text = lines.map((line) => JSON.stringify(line)).join("\n");
    await writeFile(join(spec.root, records.paths.ledger(range.shard)), `${text}\n`);
    await writeFile(join(spec.root, records.paths.manifest(range.shard)), JSON.stringify(manifest));
    return;
  }
  const writer = await openShardWriter(records.store, spec.dataset.name, range.shard, { records });
  for (const line of packed) await writer.add(sampleOf(spec, plan, line, frames));
  const signal = new AbortController().signal;
  const finished = await writer.finish(signal);
  const manifest = manifestOf(build, plan, range, counts, packed, {
    frames: finished.frames,
    tar: finished.tar,
  });
  await writer.publish(
    { ...manifest, firstKey: finished.firstKey, lastKey: finished.lastKey },
    lines,
    signal,
  );
}
