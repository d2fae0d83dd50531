import { createHash } from "node:crypto";
import { nameForm } from "./name-form.ts";

/**
 * Names of parts, shards and keys; docs/formats.md has their forms.
 * A key has no dot and no slash, is at most 60 bytes and unique over the dataset.
 */
export interface PartId {
  /** Folder-like division of a dataset, as the catalogue spells it; null where a dataset has none. */
  readonly subset: string | null;
  readonly part: number;
}

/** `p0073` or `ai2d-p0000`: the part's name in files, commands and on the page. */
export function partLabel({ subset, part }: PartId): string {
  const number = `p${String(part).padStart(4, "0")}`;
  return subset === null ? number : `${subsetWord(subset)}-${number}`;
}

/**
 * What stands for a subset in labels, keys and file names: its slug. A name of which a slug keeps nothing (中文数据) gets a
 * word made from its hash, which is the same wherever the name is the same.
 */
export function subsetWord(subset: string): string {
  const word = slug(subset);
  if (word !== "") return word;
  return `x${createHash("sha256").update(nameForm(subset)).digest("hex").slice(0, 8)}`;
}

/** What tells a sample from all others of its dataset. */
export interface SamplePlace {
  readonly keyPrefix: string;
  readonly part: PartId;
  /** Of its member in the archive. */
  readonly position: number;
  /** Of its record among those of the member, where each record makes a sample of its own. */
  readonly record?: number | undefined;
  /** Of its turn among those of the member or record, where each turn makes a sample of its own. */
  readonly turn?: number | undefined;
}

/**
 * `openvid-p0073-000012`; `...-000012-0` where each record is a sample, `...-000012-t0` where each turn is one, also where a
 * member has but one, and `...-000012-0-t0` where both are.
 */
export function sampleKey({ keyPrefix, part, position, record, turn }: SamplePlace): string {
  const key = `${keyPrefix}-${partLabel(part)}-${String(position).padStart(6, "0")}`;
  const ofRecord = record === undefined ? key : `${key}-${record}`;
  return turn === undefined ? ofRecord : `${ofRecord}-t${turn}`;
}

/** `openvid-1m-p0073-0000`; the tar adds `.tar`. */
export function shardName(dataset: string, id: PartId, range: number): string {
  return `${dataset}-${partLabel(id)}-${String(range).padStart(4, "0")}`;
}

/** `openvid-1m-p0073-r01`: the supplement of the part's first retry. */
export function supplementName(dataset: string, id: PartId, retry: number): string {
  return `${dataset}-${partLabel(id)}-r${String(retry).padStart(2, "0")}`;
}

/**
 * A key without the numbers of its record and its turn. A ledger names the first key of a member: where records or turns are samples
 * of their own, others of the same form follow it.
 */
export function keyForm(key: string): string {
  const { member, more } = keyParts(key);
  return member + more.replace(/\d+/g, "#");
}

/** The part of a key that all samples of a member have in common. */
export function keyOfMember(key: string): string {
  return keyParts(key).member;
}

function keyParts(key: string): { readonly member: string; readonly more: string } {
  const [, member = key, more = ""] = /^(.*-\d{6,})(.*)$/.exec(key) ?? [];
  return { member, more };
}

/** Lower case, and only what a key may hold. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

const keyPattern = /^[a-z0-9][a-z0-9_-]*$/;

export function isKey(text: string): boolean {
  return keyPattern.test(text) && text.length <= 60;
}

/** The name without folders. Both separators count: archives made on Windows exist. */
export function basename(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** The file name without its extension (the last dot and what follows). */
export function stem(path: string): string {
  const name = basename(path);
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(0, dot) : name;
}
