export { classifyMedia, type MediaFacts, type MediaOrigin, type MediaPlace } from "./classify-media.ts";
export { discoverParts } from "./discover-parts.ts";
export { type DraftedDataset, type DraftInput, draftDataset } from "./draft-dataset.ts";
export { type Catalogue, type InvalidEntry, loadCatalogue, problemText } from "./load-catalogue.ts";
export { type MappedMedia, mapRoots, type Roots } from "./map-roots.ts";
export { nearestName } from "./nearest-name.ts";
export { type DatasetProblem, type ParsedDataset, parseDataset } from "./parse-dataset.ts";
export { parseRoots } from "./parse-roots.ts";
export { type ProvenanceRow, provenanceTable } from "./provenance-table.ts";
export { rowsName } from "./rows-name.ts";
export {
  composeSampleJson,
  reservedSampleKeys,
  type SampleJsonInput,
  type SampleMedia,
} from "./sample-json.ts";
export { columnsRead } from "./text/columns-read.ts";
export type { FieldValue } from "./text/record-fields.ts";
export { type SampleTextResult, sampleText } from "./text/sample-text.ts";
