import { readableManifest } from "@shardmill/core";
import { type RecordRead, type RecordSchema, readRecordFile } from "./record-file.ts";
import type { Draft } from "./records.ts";
import type { Store } from "./store.ts";

/** A draft in a bucket: one object, without the tar, which lies under its shard's name or nowhere. */
export interface ObjectDraft extends Draft {
  /** Its lines as they are written. */
  readonly ledger: string;
  /** In base64; null of a shard without samples. */
  readonly energonIndex: string | null;
  readonly daliIndex: string | null;
}

/** Null of one that is not there, or that nothing can be finished out of. */
export async function readObjectDraft(store: Store, path: string): Promise<ObjectDraft | null> {
  const read: RecordRead<ObjectDraft> = await readRecordFile(store, path, draftSchema);
  return read.kind === "ok" ? read.value : null;
}

const draftSchema: RecordSchema<ObjectDraft> = {
  safeParse(value) {
    const found = isDraft(value) ? readableManifest.safeParse(value.manifest) : null;
    if (!isDraft(value) || found === null)
      return { success: false, error: { issues: [{ path: [], message: "expected a draft" }] } };
    if (!found.success) return found;
    const { ledger, withdrawn, energonIndex, daliIndex } = value;
    return { success: true, data: { manifest: found.data, ledger, withdrawn, energonIndex, daliIndex } };
  },
};

function isDraft(value: unknown): value is { [field in keyof ObjectDraft]: ObjectDraft[field] } {
  if (typeof value !== "object" || value === null) return false;
  if (!("manifest" in value && "ledger" in value && "withdrawn" in value)) return false;
  if (!("energonIndex" in value && "daliIndex" in value)) return false;
  const { ledger, withdrawn, energonIndex, daliIndex } = value;
  const isIndex = (index: unknown): boolean => index === null || typeof index === "string";
  return (
    typeof ledger === "string" && typeof withdrawn === "string" && isIndex(energonIndex) && isIndex(daliIndex)
  );
}
