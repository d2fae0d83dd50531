import type { Shard } from "@shardmill/api/contract";
import { clock, duration } from "../data/words.ts";

/** When each shard was made and how long it took, as its manifest tells. */
export function Timeline({ shards }: { shards: readonly Shard[] }) {
  const bars = shards.map((shard) => {
    const end = Date.parse(shard.committedAt);
    return { shard, start: end - shard.seconds * 1_000, end };
  });
  const first = Math.min(...bars.map(({ start }) => start));
  const last = Math.max(...bars.map(({ end }) => end));
  const span = Math.max(1, last - first);
  return (
    <figure class="timeline">
      {bars.map(({ shard, start, end }) => (
        <div class="timeline-row" key={shard.shard}>
          <span class="soft">{shard.range === null ? `retry ${shard.supplement ?? ""}` : shard.range}</span>
          <span class="timeline-track">
            <span
              class={shard.failed > 0 ? "bar has-failed" : "bar"}
              style={{
                left: `${(100 * (start - first)) / span}%`,
                width: `${Math.max(0.6, (100 * (end - start)) / span)}%`,
              }}
              title={`${shard.shard}: ${duration(shard.seconds)}, ${shard.samples} samples, ${shard.worker}`}
            />
          </span>
        </div>
      ))}
      <figcaption class="soft">
        <span>{clock(new Date(first).toISOString())}</span>
        <span>{clock(new Date(last).toISOString())}</span>
      </figcaption>
    </figure>
  );
}
