import type { Dataset, FileIdentity, PartListing } from "@shardmill/core";
import { aDataset } from "../../core/testing/records.ts";

/** A file of a listing. */
export function file(path: string, sizeBytes = 10): FileIdentity {
  return { path, sizeBytes, sha256: null, oid: null };
}

/** A dataset whose parts are found by these rules. */
export function datasetWith(parts: unknown[], annotations: unknown = { kind: "none" }): Dataset {
  return aDataset({ parts, annotations } as Parameters<typeof aDataset>[0]);
}

/** A part and its files, or why it has none, as one line. */
export function told(part: PartListing): string {
  return part.kind === "present"
    ? `${part.label}: ${part.pieces.map(({ path }) => path).join("+")}`
    : `${part.label}: ${part.code}`;
}
