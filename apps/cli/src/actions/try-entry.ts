import { availableParallelism } from "node:os";
import type { Dataset } from "@shardmill/core";
import { isFrame, readSamples, writeContactSheet } from "@shardmill/shards";
import { openRecords, openStore } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { plural } from "../text/format.ts";
import { placeIn } from "../text/place-text.ts";
import { buildEntry } from "./build.ts";

const trySamples = 10;
/** On a sheet: of a clip its first pictures. */
const framesOfSample = 6;

/** The first samples of an entry, a sheet of their pictures, and what the whole would take. */
export async function tryEntry(
  context: CommandContext,
  { dataset, folder }: { readonly dataset: Dataset; readonly folder: string | null },
  out: string,
): Promise<void> {
  const work = { workers: availableParallelism(), memory: 512_000_000, childMemory: 1_000_000_000 };
  const name = `${dataset.name}-try`;
  await buildEntry(
    context,
    { dataset, entry: dataset.name, source: folder ?? undefined },
    { ...work, cacheLimit: 0, out, set: [], limit: trySamples, rebuild: true },
  );
  const sheet = `${name}.png`;
  const pictures = await writeTrySheet(out, name, sheet, context.signal);
  if (pictures > 0) context.console.out(`${plural(pictures, "picture")} of them: ${placeIn(out, sheet)}`);
}

async function writeTrySheet(
  outRoot: string,
  name: string,
  sheet: string,
  signal: AbortSignal,
): Promise<number> {
  const store = await openStore(outRoot);
  const records = openRecords(store, name);
  const frames: { jpeg: Uint8Array; label: string }[] = [];
  for (const { shard, tar } of await records.listManifests()) {
    if (tar === null) continue;
    for await (const { key, members } of readSamples(
      { store, path: records.paths.tar(shard) },
      { limit: trySamples },
      signal,
    )) {
      const pictures = members.filter(({ suffix }) => isFrame(suffix)).slice(0, framesOfSample);
      frames.push(...pictures.map(({ bytes: jpeg }) => ({ jpeg, label: key })));
    }
  }
  if (frames.length > 0)
    await writeContactSheet(
      { title: `First samples of ${name}`, caption: null, frames },
      { store, path: sheet },
    );
  return frames.length;
}
