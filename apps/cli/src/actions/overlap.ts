import { Failure, namePattern } from "@shardmill/core";
import {
  type MixPlaces,
  NearestPairs,
  overlapFolder,
  overlapOfOutputs,
  overlapRecord,
  PairsFile,
  type RelatedPair,
  writeOverlapRecord,
} from "@shardmill/mixes";
import { isRootThere } from "@shardmill/store";
import type { CommandContext } from "../context/command-context.ts";
import { printOverlap } from "../output/overlap-lines.ts";
import { overlapSheet } from "../output/overlap-sheet.ts";
import { PrintsProgressLine } from "../screen/prints-progress.ts";
import { placeIn } from "../text/place-text.ts";
import { placesOf } from "./mix.ts";

export interface OverlapOptions {
  readonly out: string;
  readonly json?: true;
}

/** Pairs on the sheet, and in what is printed. */
const shownPairs = 12;

export async function overlap(
  context: CommandContext,
  [a, b]: readonly [string, string],
  options: OverlapOptions,
): Promise<void> {
  const { console } = context;
  if (!isRootThere(options.out))
    throw new Failure(
      "wrong_use",
      `--out ${options.out} does not exist: it is the folder that the outputs lie in`,
    );
  const places = await placesOf(context, options.out);
  const { store } = places;
  for (const name of [a, b])
    if (!namePattern.test(name)) throw new Failure("wrong_use", `${name} is no name of an output`);
  const { record, ...found } = await compare(context, places, [a, b], options);
  const folder = overlapFolder(a, b);
  const sheet = await overlapSheet(store, { a, b, pairs: found.nearest }, folder, context.signal);
  const written = [found.pairsPath, ...sheet, await writeOverlapRecord(store, folder, record)];
  if (options.json === true) return console.json({ overlap: record, written });
  printOverlap(console, found);
  console.out(`written:  ${placeIn(options.out, folder)} (${written.length} files)`);
}

async function compare(
  { console, signal }: CommandContext,
  places: MixPlaces,
  names: readonly [string, string],
  options: OverlapOptions,
) {
  const file = await PairsFile.open(places.store, overlapFolder(...names));
  const progress = new PrintsProgressLine(console, { isQuiet: options.json === true });
  const nearestPairs = new NearestPairs(shownPairs);
  const onPair = async (pair: RelatedPair): Promise<void> => {
    nearestPairs.add(pair);
    await file.add(pair);
  };
  try {
    const onProgress = progress.show.bind(progress);
    const found = await overlapOfOutputs(places, names, { signal, onPair, onProgress });
    progress.close();
    const told = { pairs: file.pairs, nearest: nearestPairs.pairs, unfinished: found.unfinished };
    const pairsPath = await file.publish();
    return { ...found, ...told, pairsPath, record: overlapRecord(found, told) };
  } finally {
    progress.close();
    await file.remove();
  }
}
