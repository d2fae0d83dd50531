import type { MixAnswer } from "@shardmill/api/contract";

/** Tones of the bar and of the dots in the table; text has its own pattern, so that it is told without colours, too. */
export function toneOf(sets: MixAnswer["sets"], index: number): string {
  if (sets[index]?.role === "text") return "tone text";
  return `tone tone-${sets.slice(0, index).filter(({ role }) => role === "set").length % 6}`;
}

export function shareText(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** The shares of a mix as a bar. */
export function MixShares({ sets }: { sets: MixAnswer["sets"] }) {
  const words = sets.map(({ dataset, share }) => `${dataset} ${shareText(share)}`).join(", ");
  return (
    <div class="mix-bar" role="img" aria-label={`Shares: ${words}`}>
      {sets.map(({ dataset, share }, index) => (
        <span
          key={dataset}
          class={toneOf(sets, index)}
          style={{ width: `${share * 100}%` }}
          title={`${dataset} ${shareText(share)}`}
        />
      ))}
    </div>
  );
}
