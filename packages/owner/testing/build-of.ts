import { loadCatalogue } from "@shardmill/catalogue";
import {
  type BuildRecord,
  composeRecipe,
  recipeHash,
  recordVersion,
  writtenCatalogueFields,
} from "@shardmill/core";

const catalogue = await loadCatalogue(new URL("../../../config/datasets", import.meta.url).pathname);

/** A recorded build of OpenVid with parts 0, 1, ... of a megabyte each, all of them asked for; some are not at the source. */
export function buildOf(count: number, absent: readonly number[] = []): BuildRecord {
  const dataset = catalogue.get("openvid-1m");
  const composed = composeRecipe(dataset.recipe, ["samplesPerShard=10"]);
  if (composed.kind !== "ok") throw new Error(composed.problems.join());
  const ids = Array.from({ length: count }, (_, part) => ({ subset: null, part }));
  return {
    version: recordVersion,
    build: "openvid-1m-test",
    dataset,
    source: { kind: "folder", name: "folder:mirror", revision: null, location: "/nonexistent" },
    recipe: composed.recipe,
    entry: null,
    recipeName: null,
    tokenizer: null,
    recipeHash: recipeHash(composed.recipe, writtenCatalogueFields(dataset)),
    annotationFiles: [],
    toolchain: { shardmill: "0.1.0", decoder: "libav 8.1", sharp: "0.35.5", libvips: "8.18.0" },
    createdAt: "2026-11-20T06:00:00.000Z",
    parts: ids.map((id) => ({
      ...id,
      archive: "zip",
      pieces: [{ path: `OpenVid_part${id.part}.zip`, sizeBytes: 1_000_000, oid: null, sha256: null }],
      absent: absent.includes(id.part) ? { code: "part_absent", reason: "not at the source" } : null,
      revision: null,
      now: null,
    })),
    selected: ids,
    asked: { everything: false, parts: ids },
    remarks: [],
  };
}
