import { createHash } from "node:crypto";
import type { FileIdentity } from "@shardmill/core";

/** Held while a `get` is at work in a folder. */
export const lockName = ".shardmill-get.lock";

const partialPattern = /^(\..*~[0-9a-f]{8})~[0-9a-f]{16}\.partial$/s;
const shownLetters = 40;

/** The name of an unfinished file: the same for the same name and content, so that the next attempt finds it. */
export function partialName(name: string, { sha256, oid }: FileIdentity): string {
  return `${partialKey(name)}~${(sha256 ?? oid ?? "").slice(0, 16)}.partial`;
}

/** What the partial files of one name have in common, whatever their content. */
export function partialKey(name: string): string {
  const shown = Array.from(name).slice(0, shownLetters).join("");
  return `.${shown}~${createHash("sha256").update(name).digest("hex").slice(0, 8)}`;
}

/** The key of a partial file, or null for any other name. */
export function keyOfPartial(fileName: string): string | null {
  return partialPattern.exec(fileName)?.[1] ?? null;
}

export function isOwnName(fileName: string): boolean {
  // A claim that is taken over lies under its name with a word behind it for a moment.
  return fileName.startsWith(lockName) || keyOfPartial(fileName) !== null;
}
