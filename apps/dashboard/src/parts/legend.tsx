import type { PartState, StateCounts } from "@shardmill/api/contract";
import { count } from "../data/words.ts";
import { stateLook, stateOrder } from "./state-look.ts";

/** Counts by state; each is a button that leaves only its parts, of all pages, in the grid. */
export function Legend(props: {
  counts: StateCounts;
  chosen: PartState | null;
  onChoose: (state: PartState | null) => void;
}) {
  const { counts, chosen, onChoose } = props;
  return (
    <fieldset class="legend">
      <legend class="unseen">Show parts by state</legend>
      {stateOrder.map((state) => {
        const number = counts[state] ?? 0;
        return (
          <button
            key={state}
            type="button"
            class="legend-item"
            aria-pressed={chosen === state}
            disabled={number === 0 && chosen !== state}
            title={stateLook[state].meaning}
            onClick={() => onChoose(chosen === state ? null : state)}
          >
            <span class={`cell small ${state}`} aria-hidden="true">
              {stateLook[state].sign}
            </span>
            {state}
            <b>{count(number)}</b>
          </button>
        );
      })}
    </fieldset>
  );
}
