import { createHash } from "node:crypto";
import { canonicalJson, type PlannedMember } from "@shardmill/core";

/**
 * What a shard's members are, before any is decoded: position, name, the archive's address with size and CRC where it has
 * one, and the records. Two ranges with one digest, of one content and recipe, make the same shard.
 */
export class RangeDigest {
  readonly #hash = createHash("sha256");

  add({ position, name, at, records }: PlannedMember): void {
    this.#hash.update(`${canonicalJson({ position, name, at, records })}\n`);
  }

  text(): string {
    return this.#hash.copy().digest("hex");
  }
}

export function digestOf(members: Iterable<PlannedMember>): string {
  const digest = new RangeDigest();
  for (const member of members) digest.add(member);
  return digest.text();
}

/** Rows of a parquet part bring their records with them: the part's content and the span say all. */
export function rowsDigest(first: number, last: number): string {
  return createHash("sha256")
    .update(canonicalJson({ rows: [first, last] }))
    .digest("hex");
}
