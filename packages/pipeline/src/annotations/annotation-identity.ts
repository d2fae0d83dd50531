import { hashOf } from "@shardmill/core";
import type { BuildContext } from "../context/build-context.ts";
import { contentsOf, type SourceView } from "../context/file-content.ts";
import { linksRule } from "./link-rows.ts";

/** The identity of annotations that lie in the members themselves. */
const inlineAnnotationsId = hashOf({ annotations: "inline" });

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
  if (annotations.kind === "links") {
    const { maxBadRecords: _, ...rule } = linksRule(view);
    return { id: hashOf({ links: rule }), files: [] };
  }
  if (annotations.kind !== "files") return { id: inlineAnnotationsId, files: [] };
  const found = annotationFilesOf(view, subset);
  const contents = await contentsOf(
    view,
    found.map(({ file }) => file),
    signal,
    onBytes,
  );
  const { key, match, duplicates } = annotations;
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
