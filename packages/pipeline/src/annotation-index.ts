import { join } from "node:path";
import { type AnnotationIndex, buildAnnotationIndex } from "@shardmill/annotations";
import { sourceSubsetOf } from "@shardmill/core";
import { annotationFilesOf } from "./annotation-identity.ts";
import { writeAnnotationsRecord } from "./annotations-record.ts";
import type { BuildContext } from "./context.ts";
import { contentsOf } from "./file-content.ts";
import { readColumnsOf } from "./read-columns-of.ts";
import { SharedWork } from "./shared-work.ts";
import { inSourceNames } from "./source-subsets.ts";

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
  const files = annotationFilesOf(context, subset);
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

async function make(
  context: BuildContext,
  subset: string | null,
  files: BuildContext["build"]["annotationFiles"],
  signal: AbortSignal,
  onProgress: (bytes: number, ofBytes: number) => void,
): Promise<AnnotationIndex> {
  const dir = join(context.store.root, context.dataset.name, ".shardmill", "annotations");
  const contents = await contentsOf(
    context,
    files.map(({ file }) => file),
    signal,
  );
  const index = await buildAnnotationIndex(
    {
      dataset: context.dataset,
      files: files.map((found, at) => ({
        found: {
          ...found,
          subset: found.subset === null ? null : sourceSubsetOf(context.dataset, found.subset),
        },
        source: context.source.open(found.file),
        ...(contents[at] !== undefined && { content: contents[at] }),
      })),
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
  return inSourceNames(context.dataset, index);
}

/** Closes what `annotationIndexOf` opened for a build. */
export async function closeAnnotationIndexes(context: BuildContext): Promise<void> {
  const held = opened.get(context);
  opened.delete(context);
  for (const making of held?.values() ?? []) (await making.result())?.close();
}
