import type { NearPair } from "@shardmill/mixes";
import { locatedFrames, openShard, readSampleJson, writeContactSheet } from "@shardmill/shards";
import { recordPaths, type Store } from "@shardmill/store";
import { causesText } from "./overlap-lines.ts";

interface SheetOfPairs {
  readonly a: string;
  readonly b: string;
  readonly pairs: readonly NearPair[];
}

/** The middle pictures of the nearest pairs side by side; none where there is nothing to show. Returns what was written. */
export async function overlapSheet(
  store: Store,
  { a, b, pairs }: SheetOfPairs,
  folder: string,
  signal: AbortSignal,
): Promise<string[]> {
  const path = `${folder}/sheet.png`;
  const frames: { jpeg: Uint8Array; label: string }[] = [];
  for (const pair of pairs) {
    const [one, other] = [await middleOf(store, a, pair.a, signal), await middleOf(store, b, pair.b, signal)];
    if (one === null || other === null) continue;
    frames.push({ jpeg: one, label: pair.a.key }, { jpeg: other, label: pair.b.key });
  }
  if (frames.length === 0) {
    // Of an earlier run, which found something.
    await store.remove(path);
    return [];
  }
  const caption = pairs.map((pair) => `${pair.a.key} and ${pair.b.key}: ${causesText(pair)}`).join("; ");
  const title = `${a} and ${b}: the nearest pairs`;
  await writeContactSheet({ title, caption, frames, together: 2 }, { store, path });
  return [path];
}

/** Null of a sample without pictures. */
async function middleOf(
  store: Store,
  output: string,
  { shard, key }: NearPair["a"],
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  await using tar = await openShard({ store, path: recordPaths(output).tar(shard) });
  const sample = await tar.find(key, signal);
  if (sample === null) return null;
  const frames = locatedFrames(sample.members, await readSampleJson(tar, sample, shard));
  const middle = frames[(frames.length - 1) >> 1];
  return middle === undefined ? null : tar.read(middle);
}
