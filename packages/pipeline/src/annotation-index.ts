import { join } from "node:path";
import { type AnnotationIndex, buildAnnotationIndex } from "@shardmill/annotations";
import { hashOf } from "@shardmill/core";
import { writeAnnotationsRecord } from "./annotations-record.ts";
import type { BuildContext } from "./context.ts";
import { readColumnsOf } from "./read-columns-of.ts";
import { SharedWork } from "./shared-work.ts";

/** The identity of annotations that lie in the members themselves. */
export const inlineAnnotationsId = hashOf({ annotations: "inline" });

const opened = new WeakMap<BuildContext, Map<string, SharedWork<AnnotationIndex>>>();

/**
 * The index of a subset's annotations: fetched and made once per build and revision, and shared by everything that
 * runs in this process. Null where the dataset's records lie in its members.
 */
export function annotationIndexOf(
  context: BuildContext,
  subset: string | null,
  signal: AbortSignal,
  onProgress: (bytes: number, ofBytes: number) => void = () => undefined,
): Promise<AnnotationIndex> | null {
  if (context.dataset.annotations.kind !== "files") return null;
  const files = filesOf(context, subset);
  const name = files.every((file) => file.subset === null) ? null : subset;
  const held = opened.get(context) ?? new Map<string, SharedWork<AnnotationIndex>>();
  opened.set(context, held);
  const key = name ?? "";
  const before = held.get(key);
  // A failed attempt must not be remembered: the next one may find the network back.
  const making =
    before === undefined || before.isLost
      ? new SharedWork((stop) => make(context, name, files, stop, onProgress))
      : before;
  held.set(key, making);
  return making.join(signal);
}

function filesOf({ build }: BuildContext, subset: string | null): BuildContext["build"]["annotationFiles"] {
  return build.annotationFiles.filter((file) => file.subset === null || file.subset === subset);
}

async function make(
  context: BuildContext,
  subset: string | null,
  files: BuildContext["build"]["annotationFiles"],
  signal: AbortSignal,
  onProgress: (bytes: number, ofBytes: number) => void,
): Promise<AnnotationIndex> {
  const dir = join(context.store.root, context.dataset.name, ".shardmill", "annotations");
  const index = await buildAnnotationIndex(
    {
      dataset: context.dataset,
      files: files.map((found) => ({ found, source: context.source.open(found.file) })),
      dir,
      reads: readColumnsOf(context.dataset),
      onProgress,
    },
    signal,
  );
  const { id, count, duplicates, remarks } = index;
  await writeAnnotationsRecord(context.records, {
    version: 1,
    subset,
    id,
    count,
    duplicates,
    remarks: [...remarks],
  });
  return index;
}

/** Closes what `annotationIndexOf` opened for a build. */
export async function closeAnnotationIndexes(context: BuildContext): Promise<void> {
  const held = opened.get(context);
  opened.delete(context);
  for (const making of held?.values() ?? []) (await making.result())?.close();
}
