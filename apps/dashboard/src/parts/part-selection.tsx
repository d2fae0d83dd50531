import type { BuildDetail, Part } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import type { WantedRequest } from "../build/confirm-request.tsx";
import { rebuildOf, retryOf } from "../build/requests.ts";
import { useConfirm } from "../build/use-confirm.tsx";
import { count } from "../data/words.ts";
import { partsTextOf } from "./parts-text.ts";

/** Which parts are marked; what a range is drawn from is the last that was marked alone. */
export interface Selection {
  readonly labels: ReadonlySet<string>;
  readonly mark: (label: string, isRange: boolean) => void;
  readonly clear: () => void;
}

/** Marks that are kept while the grid's figures change; of parts that are not among `parts` nothing is kept. */
export function useSelection(parts: readonly Part[]): Selection {
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [from, setFrom] = useState<string | null>(null);
  const mark = (label: string, isRange: boolean): void => {
    const labels = parts.map((part) => part.label);
    const [first, last] = [labels.indexOf(from ?? label), labels.indexOf(label)].toSorted((a, b) => a - b);
    if (isRange && first !== undefined && first >= 0 && last !== undefined) {
      setMarked(new Set([...marked, ...labels.slice(first, last + 1)]));
      return;
    }
    const next = new Set(marked);
    if (!next.delete(label)) next.add(label);
    setMarked(next);
    setFrom(label);
  };
  const there = new Set(parts.map(({ label }) => label));
  const labels = new Set([...marked].filter((label) => there.has(label)));
  return { labels, mark, clear: () => setMarked(new Set()) };
}

const deeds = {
  parts: "Build what they lack",
  "failed-samples": "Try their failed samples again",
  stale: "Make the stale ones again",
  corrupt: "Check their shards, and make damaged ones again",
  rebuild: "Make all of them again",
} as const;
type Deed = keyof typeof deeds;

/** What is done with some parts: those that are marked in the grid, or named here. */
export function PartsToActOn(props: { build: BuildDetail; parts: readonly Part[]; selection: Selection }) {
  const { build, parts, selection } = props;
  const [typed, setTyped] = useState("");
  const [deed, setDeed] = useState<Deed>("parts");
  const { ask, dialog } = useConfirm((started) => {
    if (started !== null) selection.clear();
  });
  const marked = partsTextOf(parts.filter(({ label }) => selection.labels.has(label)));
  const text = marked === "" ? typed.trim() : marked;
  const submit = (event: Event): void => {
    event.preventDefault();
    const wanted = text === "" ? null : requestOf(build, deed, text);
    if (wanted !== null) ask(wanted);
  };
  return (
    <form class="act-on" onSubmit={submit}>
      <label>
        Parts{selection.labels.size === 0 ? "" : `: ${count(selection.labels.size)} marked`}
        <input
          name="act-on"
          placeholder="0,72-74"
          value={marked === "" ? typed : marked}
          readOnly={marked !== ""}
          onInput={(event) => setTyped(event.currentTarget.value)}
          aria-describedby="how-to-mark"
        />
      </label>
      <label>
        What to do
        <select value={deed} onChange={(event) => setDeed(event.currentTarget.value as Deed)}>
          {Object.entries(deeds)
            .filter(([name]) => requestOf(build, name as Deed, "0") !== null)
            .map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
        </select>
      </label>
      <div class="row">
        <button type="submit" disabled={text === ""}>
          See what would run
        </button>
        {selection.labels.size === 0 ? null : (
          <button type="button" class="quiet" onClick={selection.clear}>
            Unmark all
          </button>
        )}
      </div>
      <p class="soft small-print" id="how-to-mark">
        Ctrl and a click, or the space bar, marks a part of the grid; Shift and a click, or Shift and the
        space bar, all from the last one on.
      </p>
      {dialog}
    </form>
  );
}

function requestOf(build: BuildDetail, deed: Deed, parts: string): WantedRequest | null {
  const title = `${deeds[deed]}: ${parts.length > 60 ? `${parts.slice(0, 60)}…` : parts}`;
  return deed === "rebuild" ? rebuildOf(build, title, parts) : retryOf(build.dataset, deed, title, parts);
}
