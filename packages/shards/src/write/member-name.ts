import { Failure, isKey } from "@shardmill/core";

/** The one rule of every reader: the basename splits at its first dot. */
export const memberNamePattern = /^((?:.*\/|)[^.]+)[.]([^/]*)$/;
const suffixPattern = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;
const reservedSuffixes = new Set(["__key__", "__url__", "__local_path__"]);

/** Why a name may not stand in a shard, or null when it may. */
export function memberNameProblem(key: string, suffix: string): string | null {
  if (!isKey(key))
    return `expected a key of a-z, 0-9, _ and - with at most 60 bytes, found ${JSON.stringify(key)}`;
  if (!suffixPattern.test(suffix) || reservedSuffixes.has(suffix)) {
    return `expected a lower-case suffix such as 000.jpg or json, found ${JSON.stringify(suffix)}`;
  }
  const name = `${key}.${suffix}`;
  return name.length <= 99 ? null : `expected a name of at most 99 bytes, found ${name.length}: ${name}`;
}

export function mustBeMemberName(key: string, suffix: string, shard: string): void {
  const problem = memberNameProblem(key, suffix);
  if (problem !== null) throw new Failure("shard_invalid", problem, { where: { shard }, retry: "never" });
}
