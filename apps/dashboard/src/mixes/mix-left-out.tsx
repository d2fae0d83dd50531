import type { MixAnswer } from "@shardmill/api/contract";
import { count } from "../data/words.ts";

const words: Readonly<Record<string, string>> = {
  listed: "listed in its file",
  withdrawn: "withdrawn from their output",
};
const mostNamed = 6;

/** What a mix does without, and why: samples by reason, subsets by name. */
export function MixLeftOut({ mix: { sets, decontaminated } }: { mix: MixAnswer }) {
  const byReason = new Map<string, number>();
  for (const { leftOut } of sets)
    for (const [reason, samples] of Object.entries(leftOut))
      byReason.set(reason, (byReason.get(reason) ?? 0) + samples);
  const lines = [
    ...[...byReason].map(
      ([reason, samples]) =>
        `${count(samples)} ${samples === 1 ? "sample" : "samples"}: ${reasonText(reason)}`,
    ),
    ...sets.flatMap(({ dataset, leftOutSubsets }) =>
      leftOutSubsets.length === 0 ? [] : [`${dataset} without ${named(leftOutSubsets)}`],
    ),
    ...(decontaminated.length === 0
      ? []
      : [`compared with ${decontaminated.join(", ")} when it was published; shards made since are not`]),
  ];
  if (lines.length === 0) return null;
  return (
    <>
      <h3>What it leaves out</h3>
      <ul class="mix-left-out">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </>
  );
}

function reasonText(reason: string): string {
  const [kind = "", ...name] = reason.split(":");
  if (name.length === 0) return words[reason] ?? reason;
  if (kind === "overlaps") return `related to ${name.join(":")}`;
  return kind === "validation" ? `kept for ${name.join(":")}` : reason;
}

function named(subsets: readonly string[]): string {
  const some = subsets.slice(0, mostNamed).join(", ");
  return subsets.length > mostNamed ? `${some} and ${count(subsets.length - mostNamed)} more subsets` : some;
}
