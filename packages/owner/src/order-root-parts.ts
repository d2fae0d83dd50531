import { type BuildRecord, partLabel } from "@shardmill/core";
import {
  closeAnnotationIndexes,
  findRootParts,
  noQueue,
  openBuild,
  type RootPartsFound,
  readStatus,
  type Surroundings,
} from "@shardmill/pipeline";
import type { Records } from "@shardmill/store";
import type { OrderedPart } from "./add-run.ts";

/** The build with the parts that this machine's roots can fill; the same build where the config has none. */
export async function withRootParts(
  records: Records,
  build: BuildRecord,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<RootPartsFound> {
  if (Object.keys(surroundings.roots ?? {}).length === 0) return { build, unread: [] };
  const opened = await openBuild(records.dataset, surroundings, signal);
  const context = { ...opened, build };
  return findRootParts(context, signal).finally(() => closeAnnotationIndexes(context));
}

/** What is to be made of the roots once the source's own parts have been read. */
export async function orderRootParts(
  records: Records,
  build: BuildRecord,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<{ readonly found: RootPartsFound; readonly parts: readonly OrderedPart[] }> {
  const found = await withRootParts(records, build, surroundings, signal);
  const { build: full } = found;
  const roots = new Set(full.parts.filter((part) => part.archive === "roots").map(partLabel));
  if (roots.size === 0 || Object.keys(surroundings.roots ?? {}).length === 0) return { found, parts: [] };
  const { parts } = await readStatus(records, full, noQueue);
  const lacking = parts.filter(
    (part) => roots.has(part.label) && ["missing", "partial"].includes(part.state),
  );
  const ordered = lacking.map(({ subset, part }) => ({
    part: { subset, part },
    order: { kind: "missing" as const },
  }));
  return { found, parts: ordered };
}
