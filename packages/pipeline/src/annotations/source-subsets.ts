import type { AnnotationIndex } from "@shardmill/annotations";
import { type Dataset, sourceSubsetOf, subsetNameOf } from "@shardmill/core";

/**
 * The index as the rest of the pipeline asks it, by the catalogue's own names of subsets: inside it they are the source's,
 * since names of media may begin with them.
 */
export function inSourceNames(dataset: Dataset, index: AnnotationIndex): AnnotationIndex {
  if (Object.keys(dataset.subsetNames).length === 0) return index;
  return {
    id: index.id,
    count: index.count,
    duplicates: index.duplicates,
    remarks: index.remarks,
    close: () => index.close(),
    lookup: (queries, signal) =>
      index.lookup(
        queries.map(({ subset, name }) => ({
          subset: subset === null ? null : sourceSubsetOf(dataset, subset),
          name,
        })),
        signal,
      ),
    async *records(signal) {
      for await (const record of index.records(signal)) {
        const { subset } = record;
        yield { ...record, subset: subset === null ? null : subsetNameOf(dataset, subset) };
      }
    },
  };
}
