import { type AnnotationIndex, buildAnnotationIndex } from "@shardmill/annotations";
import { columnsRead } from "@shardmill/catalogue";
import { Failure, type PartPlan, partLabel, recordVersion, sourceSubsetOf } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { SharedWork } from "../context/shared-work.ts";
import { type AnnotationIdentity, annotationFilesOf, annotationIdentityOf } from "./annotation-identity.ts";
import { inSourceNames } from "./source-subsets.ts";

/** By subset and identity: files that change while a process lives come to another index. */
const opened = new WeakMap<BuildContext, Map<string, SharedWork<AnnotationIndex>>>();

type OnProgress = (bytes: number, ofBytes: number) => void;

/** The records of a subset's parts, and what they were read from: of one and the same content of the files. */
export interface Annotations {
  readonly identity: AnnotationIdentity;
  /** Null where the dataset's records lie in its members. */
  readonly index: AnnotationIndex | null;
}

/**
 * A subset's annotations as they are now: fetched and made into an index once per content, and shared by everything that
 * runs in this process. `source_changed` where a file is written to while it is read.
 */
export async function annotationsOf(
  context: BuildContext,
  subset: string | null,
  signal: AbortSignal,
  onProgress: OnProgress = () => undefined,
): Promise<Annotations> {
  const identity = await annotationIdentityOf(context, subset, signal);
  if (context.dataset.annotations.kind !== "files") return { identity, index: null };
  const files = annotationFilesOf(context, subset);
  const name = files.every((file) => file.subset === null) ? null : subset;
  const held = opened.get(context) ?? new Map<string, SharedWork<AnnotationIndex>>();
  opened.set(context, held);
  const key = `${identity.id} ${name ?? ""}`;
  const before = held.get(key);
  // A failed attempt must not be remembered: the next one may find the network back.
  const making =
    before === undefined || before.isLost
      ? new SharedWork((stop) => make({ context, subset: name, files, identity, onProgress }, stop))
      : before;
  held.set(key, making);
  return { identity, index: await making.join(signal) };
}

/** The index alone, for those who write no identity beside what they find. */
export async function annotationIndexOf(
  context: BuildContext,
  subset: string | null,
  signal: AbortSignal,
  onProgress?: OnProgress,
): Promise<AnnotationIndex | null> {
  return (await annotationsOf(context, subset, signal, onProgress)).index;
}

/** The index that a plan speaks of; `source_changed` where the files are no longer what it was made from. */
export async function annotationIndexOfPlan(
  context: BuildContext,
  plan: Pick<PartPlan, "dataset" | "subset" | "part" | "annotationsId">,
  signal: AbortSignal,
): Promise<AnnotationIndex | null> {
  const { identity, index } = await annotationsOf(context, plan.subset, signal);
  if (identity.id === plan.annotationsId) return index;
  throw new Failure("source_changed", `the annotations changed since part ${partLabel(plan)} was planned`, {
    where: { dataset: plan.dataset, part: partLabel(plan) },
  });
}

/** An index that is to be made. */
interface Wanted {
  readonly context: BuildContext;
  /** Null: of all subsets. */
  readonly subset: string | null;
  readonly files: BuildContext["build"]["annotationFiles"];
  readonly identity: AnnotationIdentity;
  readonly onProgress: OnProgress;
}

async function make(
  { context, subset, files, identity, onProgress }: Wanted,
  signal: AbortSignal,
): Promise<AnnotationIndex> {
  const dir = context.store.machine.absolute(context.records.paths.annotations);
  const index = await buildAnnotationIndex(
    {
      dataset: context.dataset,
      files: files.map((found, at) => ({
        found: {
          ...found,
          subset: found.subset === null ? null : sourceSubsetOf(context.dataset, found.subset),
        },
        source: context.source.open(found.file),
        content: identity.files[at]?.content ?? "",
      })),
      dir,
      reads: columnsRead(context.dataset),
      onProgress,
      // Equal stamps are enough; a file with another one is looked into.
      mustBeUnchanged: async (stop) => {
        if ((await annotationIdentityOf(context, subset, stop)).id === identity.id) return;
        throw new Failure("source_changed", "the annotations changed while they were read", {
          where: { dataset: context.dataset.name },
        });
      },
    },
    signal,
  );
  const { id, count, duplicates, remarks } = index;
  await context.records.writeAnnotations({
    version: recordVersion,
    subset,
    id,
    count,
    duplicates,
    remarks: [...remarks],
  });
  return inSourceNames(context.dataset, index);
}

/** Closes what `annotationsOf` opened for a build. */
export async function closeAnnotationIndexes(context: BuildContext): Promise<void> {
  const held = opened.get(context);
  opened.delete(context);
  for (const making of held?.values() ?? []) (await making.result())?.close();
}
