import { hashOf } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { contentsOf, type SourceView } from "../context/file-content.ts";
import { rowCounts } from "./rows-asked.ts";

/** The identity of annotations that lie in the members themselves; of some of their rows, of which ones those are. */
async function inlineAnnotationsId(
  view: SourceView,
  subset: string | null,
  signal: AbortSignal,
): Promise<string> {
  const { rows } = view.build.recipe;
  if (rows === undefined) return hashOf({ annotations: "inline" });
  return hashOf({ annotations: "inline", rows, counts: await rowCounts(view, subset, signal) });
}

export interface AnnotationIdentity {
  readonly id: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

type RecordedFile = BuildContext["build"]["annotationFiles"][number];

/** The annotation files that a subset's parts read: its own, and those of no subset. */
export function annotationFilesOf(
  { build }: Pick<SourceView, "build">,
  subset: string | null,
): RecordedFile[] {
  return build.annotationFiles.filter((file) => file.subset === null || file.subset === subset);
}

/**
 * What the records of a subset's parts are made from: the content of each file, and the catalogue's rule where it changes
 * what a record belongs to. How the index of them is stored is no part of it.
 */
export async function annotationIdentityOf(
  view: SourceView & Pick<BuildContext, "dataset">,
  subset: string | null,
  signal: AbortSignal,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<AnnotationIdentity> {
  const { annotations } = view.dataset;
  // Samples of another output have their texts already.
  if (view.build.source.kind === "output") return { id: hashOf({ annotations: "samples" }), files: [] };
  switch (annotations.kind) {
    case "links":
    case "rows": {
      const { maxBadRecords: _, ...rule } = annotations;
      return { id: hashOf({ [annotations.kind]: rule }), files: [] };
    }
    case "beside":
      return { id: hashOf({ annotations: "beside" }), files: [] };
    case "inline":
    case "none":
      return { id: await inlineAnnotationsId(view, subset, signal), files: [] };
    case "files":
      return filesIdentity(view, annotations, subset, { signal, onBytes });
    default:
      return annotations satisfies never;
  }
}

type FilesRule = Extract<BuildContext["dataset"]["annotations"], { kind: "files" }>;

async function filesIdentity(
  view: SourceView,
  { key, match, duplicates }: FilesRule,
  subset: string | null,
  { signal, onBytes }: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<AnnotationIdentity> {
  const found = annotationFilesOf(view, subset);
  const contents = await contentsOf(
    view,
    found.map(({ file }) => file),
    signal,
    onBytes,
  );
  const files = found.map(({ subset: of, set, format }, at) => ({
    subset: of,
    set,
    format,
    content: contents[at],
  }));
  return {
    id: hashOf({ rule: { key, match, duplicates }, files }),
    files: found.map(({ file }, at) => ({ path: file.path, content: contents[at] ?? "" })),
  };
}
