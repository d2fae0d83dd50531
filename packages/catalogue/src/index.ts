export { classifyMedia, type MediaFacts } from "./classify-media.ts";
export { discoverParts } from "./discover-parts.ts";
export { type DraftInput, draftDataset } from "./draft-dataset.ts";
export type { InvalidEntry } from "./entry-shelf.ts";
export { fileFilter } from "./file-filter.ts";
export { type Catalogue, loadCatalogue } from "./load-catalogue.ts";
export { loadPresets, type Presets, parseSplit } from "./load-presets.ts";
export { type MappedMedia, mapRoots, type Roots } from "./map-roots.ts";
export { nearestName } from "./nearest-name.ts";
export { outputOf } from "./output-of.ts";
export { parseConfig, type UserConfig, withOwnTerms } from "./parse-config.ts";
export { parseDataset } from "./parse-dataset.ts";
export { type MixDraft, parseMix } from "./parse-mix.ts";
export { type ProvenanceRow, provenanceTable } from "./provenance-table.ts";
export { problemText } from "./read-entry.ts";
export { rereadSampleJson } from "./reread-sample-json.ts";
export { rowsName } from "./rows-name.ts";
export {
  composeSampleJson,
  reservedSampleKeys,
  type SampleJsonInput,
  type SampleMedia,
} from "./sample-json.ts";
export { columnsRead } from "./text/columns-read.ts";
export { recordBounds } from "./text/record-bounds.ts";

export { sampleText } from "./text/sample-text.ts";
export { recordValues, shownValues, whereFields } from "./where-fields.ts";
