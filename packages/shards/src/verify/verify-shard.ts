import type { Manifest } from "@shardmill/core";
import type { Store } from "@shardmill/store";
import { parseEnergonIndex } from "../write/energon-index.ts";
import { checkTar, type TarCheck } from "./check-tar.ts";
import { lookAtSample } from "./look-at-sample.ts";
import type { TarProblemCode } from "./sample-walk.ts";

/** What `verify` may find; docs/operations.md says what to do about each. */
type ProblemCode =
  | TarProblemCode
  /** The tar is not the one its manifest describes. */
  | "size"
  | "sha256"
  | "counts"
  /** `<shard>.tar.idx` does not point at the samples. */
  | "index_file"
  /** A manifest says that there is a tar, and there is none. */
  | "tar_missing"
  | "tar_without_manifest"
  /** A range of a part that is done has no manifest. */
  | "manifest_missing"
  | "record_invalid"
  /** Ledger and manifest, or ledger and tar, tell different things. */
  | "ledger"
  /** A ledger tells of members that are not its own, or not of one that is. */
  | "positions"
  /** members = packed + failed + skipped does not hold, or not all members have a fate. */
  | "books"
  /** A shard is of another plan than its part has now: of an earlier one, by a worker that was thought dead. */
  | "other_plan"
  /** Parts were made from different contents of one annotation file. */
  | "annotations_differ"
  /** Parts are of another recipe than the build's record. */
  | "recipes_differ"
  /** One key in two shards. */
  | "double_key"
  | "leftover"
  /** Samples are withdrawn, and their shard's records do not say so. */
  | "withdrawn";

export interface ShardProblem {
  readonly code: ProblemCode;
  readonly detail: string;
}

export interface ShardVerdict {
  readonly problems: readonly ShardProblem[];
  readonly check: TarCheck;
}

/** A tar in a store, and what it is held against. */
interface ShardCheck {
  readonly store: Store;
  readonly path: string;
  /** Null for a tar without one: only the rules of the format are left. */
  readonly manifest: Manifest | null;
  /** Also decode every JPEG. */
  readonly deep: boolean;
  /** What each decoded JPEG should measure, pixels a side; null for any. */
  readonly frameSize: number | null;
  readonly signal: AbortSignal;
}

/** Holds a tar against the rules of docs/formats.md and, where there is one, against its manifest. */
export async function verifyShard({
  store,
  path,
  manifest,
  deep,
  frameSize,
  signal,
}: ShardCheck): Promise<ShardVerdict> {
  const check = await checkTar(store.chunks(path, signal), lookAtSample({ deep, frameSize }));
  const problems: ShardProblem[] = [...check.problems];
  if (manifest !== null) problems.push(...differences(manifest, check));
  const index = await store.read(`${path}.idx`);
  if (index !== null && !isSame(parseEnergonIndex(index), check.offsets)) {
    problems.push({ code: "index_file", detail: `${path}.idx does not point at the samples` });
  } else if (index === null && manifest !== null) {
    problems.push({ code: "index_file", detail: `${path}.idx is missing` });
  }
  return { problems, check };
}

function differences(manifest: Manifest, check: TarCheck): ShardProblem[] {
  const compare = (code: ProblemCode, what: string, expected: unknown, found: unknown): ShardProblem[] =>
    expected === found
      ? []
      : [{ code, detail: `${what}: expected ${String(expected)}, found ${String(found)}` }];
  return [
    ...compare("size", "bytes", manifest.tar?.bytes, check.bytes),
    ...compare("sha256", "sha256", manifest.tar?.sha256, check.sha256),
    ...compare("counts", "samples", manifest.samples, check.samples),
    ...compare("counts", "frames", manifest.frames, check.frames),
    ...compare("counts", "first key", manifest.firstKey, check.firstKey),
    ...compare("counts", "last key", manifest.lastKey, check.lastKey),
  ];
}

function isSame(a: readonly number[] | null, b: readonly number[]): boolean {
  return a !== null && a.length === b.length && a.every((offset, at) => offset === b[at]);
}
