import type { SplitRecord } from "./split-record.ts";

/** Why a split would choose otherwise than it did, a line each; none where it would not. */
export function splitChanges(before: SplitRecord, now: SplitRecord): string[] {
  if (before.identity === now.identity) return [];
  const outputs = [...new Set([...Object.keys(before.seen), ...Object.keys(now.seen)])].sort();
  const changes = outputs.flatMap((output) => shardChanges(output, before, now));
  const keysOf = ({ samples }: SplitRecord): Set<string> =>
    new Set(samples.flatMap(({ output, key, isChosen }) => (isChosen ? [`${output} ${key}`] : [])));
  const [was, is] = [keysOf(before), keysOf(now)];
  const gone = [...was].filter((key) => !is.has(key)).length;
  return [
    ...(changes.length > 0 ? changes : ["its file, or what groups are told by, is another"]),
    ...(gone > 0 || was.size !== is.size
      ? [`${gone} of its ${was.size} samples would be others; it would have ${is.size}`]
      : []),
  ];
}

function shardChanges(output: string, before: SplitRecord, now: SplitRecord): string[] {
  const [was, is] = [before.seen[output] ?? {}, now.seen[output] ?? {}];
  const say = (shards: readonly string[], what: string): string[] => {
    const [first] = shards;
    if (first === undefined) return [];
    return [`${output}: ${what}: ${first}${shards.length > 1 ? ` and ${shards.length - 1} more` : ""}`];
  };
  const all = Object.keys(is);
  return [
    ...say(
      all.filter((shard) => was[shard] === undefined),
      "new shards",
    ),
    ...say(
      Object.keys(was).filter((shard) => is[shard] === undefined),
      "shards that are gone",
    ),
    ...say(
      all.filter((shard) => was[shard] !== undefined && was[shard] !== is[shard]),
      "shards made anew",
    ),
  ];
}
