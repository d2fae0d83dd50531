import type { AnnotationRecord, Dataset } from "@shardmill/core";

/** The sets of texts that lie beside the media, such as subtitles: they are no records of their own. */
export function besideSets({ annotations }: Pick<Dataset, "annotations">): ReadonlySet<string> {
  const files = annotations.kind === "files" ? annotations.files : [];
  return new Set(files.flatMap(({ format, set }) => (format === "texts" ? [set] : [])));
}

/** Records of one media, each with the texts that lie beside it as fields. */
export function withTexts(
  sets: ReadonlySet<string>,
  records: readonly AnnotationRecord[],
): readonly AnnotationRecord[] {
  if (!records.some(({ set }) => sets.has(set))) return records;
  const texts = Object.fromEntries(
    records.flatMap(({ set, fields }) => (sets.has(set) ? [[set, fields[set]]] : [])),
  );
  return records.flatMap(({ set, fields }) =>
    sets.has(set) ? [] : [{ set, fields: { ...fields, ...texts } }],
  );
}
