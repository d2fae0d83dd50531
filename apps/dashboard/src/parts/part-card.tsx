import type { Part } from "@shardmill/api/contract";
import { Books } from "../build/books.tsx";
import { bytes, count, percent } from "../data/words.ts";

import { stateLook } from "./state-look.ts";

const cardPx = 280;

export function PartCard({ part, x, y, width }: { part: Part; x: number; y: number; width: number }) {
  const left = Math.max(0, Math.min(x - cardPx / 2, width - cardPx));
  const { label, state, members, packed, failed, skipped, shards, error } = part;
  return (
    <div class="part-card" style={{ left: `${left}px`, top: `${y + 8}px` }} role="tooltip">
      <p class="card-head">
        <span class={`cell small ${state}`} aria-hidden="true">
          {stateLook[state].sign}
        </span>
        <b>{label}</b>
        <span class="soft">
          {state}
          {part.held === null ? "" : part.held.kind === "pause" ? ", paused" : ", cancelled"}
        </span>
      </p>
      {packed + failed + skipped > 0 ? (
        <Books packed={packed} failed={failed} skipped={skipped} members={members} isSmall />
      ) : null}
      {error === null ? <p class="soft">{stateLook[state].meaning}</p> : <p class="cause">{error.detail}</p>}
      <dl class="figures">
        {shards.total === null && shards.done === 0 ? null : (
          <div>
            <dt>shards</dt>
            <dd>
              {count(shards.done)} of {shards.total === null ? "?" : count(shards.total)}
            </dd>
          </div>
        )}
        {failed > 0 ? (
          <div>
            <dt>failed</dt>
            <dd>
              {count(failed)} · {percent(failed, packed + failed)}
            </dd>
          </div>
        ) : null}
        {part.sourceBytes > 0 ? (
          <div>
            <dt>source</dt>
            <dd>{bytes(part.sourceBytes)}</dd>
          </div>
        ) : null}
        {part.shardBytes > 0 ? (
          <div>
            <dt>shards' size</dt>
            <dd>{bytes(part.shardBytes)}</dd>
          </div>
        ) : null}
      </dl>
    </div>
  );
}
