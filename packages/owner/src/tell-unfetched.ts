import { closeAnnotationIndexes, countUnfetched, openBuild } from "@shardmill/pipeline";
import type { OwnBuild } from "./owned-build.ts";

/** Of a benchmark without any media nothing is planned, and its questions are told all the same. */
export async function tellUnfetched(
  { records, build, surroundings }: OwnBuild,
  signal: AbortSignal,
): Promise<void> {
  if (build.dataset.purpose !== "eval") return;
  const context = await openBuild(records.dataset, surroundings, signal);
  await countUnfetched(context, signal).finally(() => closeAnnotationIndexes(context));
}
