import type { BuildDetail, PartsPage } from "@shardmill/api/contract";
import { FindSample } from "../build/find-sample.tsx";
import { useAnswer } from "../data/use-answer.ts";
import { count } from "../data/words.ts";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { Pager } from "../frame/pager.tsx";
import { type PartOrder, type PartsView, to, wholeView } from "../route.ts";
import { Legend } from "./legend.tsx";
import { PartGrid } from "./part-grid.tsx";
import { PartsToActOn, useSelection } from "./part-selection.tsx";

/** As many as a grid shows without being slow. */
const pageSize = 1_000;

/** All parts of a build, a page of them at a time; which ones is in the address. */
export function PartsSection({ build, view }: { build: BuildDetail; view: PartsView }) {
  const { dataset } = build;
  const go = (change: Partial<PartsView>): void => {
    location.hash = to.parts(dataset, { ...view, page: 1, ...change });
  };
  return (
    <section class="card" id="parts">
      <div class="section-head">
        <h2>
          Parts{" "}
          <span class="soft count-note">
            {count(build.states.done ?? 0)} of {count(build.parts)} done
          </span>
        </h2>
        <Legend counts={build.states} chosen={view.state} onChoose={(state) => go({ state })} />
      </div>
      {build.parts > 12 || view !== wholeView ? <Finder view={view} go={go} /> : null}
      <Parts build={build} view={view} go={go} />
      {build.totals.samples > 0 ? <FindSample dataset={dataset} /> : null}
    </section>
  );
}

type Go = (change: Partial<PartsView>) => void;

const orderWords: Readonly<Record<PartOrder, string>> = {
  number: "by number",
  failed: "most failed first",
  skipped: "most skipped first",
  samples: "most samples first",
  size: "largest first",
};

function Finder({ view, go }: { view: PartsView; go: Go }) {
  return (
    <form class="finder" onSubmit={(event) => event.preventDefault()}>
      <label>
        Find a part
        <input
          type="search"
          name="find-part"
          placeholder="its name, or some of it"
          value={view.search}
          maxLength={100}
          onChange={(event) => go({ search: event.currentTarget.value.trim() })}
        />
      </label>
      <label>
        Order
        <select
          value={view.order}
          onChange={(event) => go({ order: event.currentTarget.value as PartOrder })}
        >
          {Object.entries(orderWords).map(([order, words]) => (
            <option key={order} value={order}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}

function Parts({ build, view, go }: { build: BuildDetail; view: PartsView; go: Go }) {
  const { dataset } = build;
  const asked = new URLSearchParams({ pageSize: String(pageSize), page: String(view.page) });
  if (view.state !== null) asked.set("state", view.state);
  if (view.search !== "") asked.set("search", view.search);
  if (view.order !== "number") asked.set("order", view.order);
  const { data, older, problem, again } = useAnswer<PartsPage>(
    `/api/builds/${dataset}/parts?${asked}`,
    dataset,
  );
  const shown = data ?? older;
  const selection = useSelection(shown?.parts ?? []);
  if (shown === null)
    return problem === null ? <Skeleton lines={6} /> : <ProblemNote problem={problem} again={again} />;
  return (
    <>
      {problem === null ? null : <ProblemNote problem={problem} again={again} />}
      {shown.parts.length === 0 ? (
        <NoParts total={shown.total} go={go} />
      ) : (
        <PartGrid
          dataset={dataset}
          parts={shown.parts}
          isByNumber={view.order === "number"}
          selection={selection}
        />
      )}
      <Pager page={view.page} pageSize={pageSize} total={shown.total} onPage={(page) => go({ page })} />
      <PartsToActOn build={build} parts={shown.parts} selection={selection} />
    </>
  );
}

function NoParts({ total, go }: { total: number; go: Go }) {
  return (
    <div class="row">
      <p class="empty">
        {total === 0
          ? "No part is like that."
          : `There are only ${count(Math.ceil(total / pageSize))} pages.`}
      </p>
      <button type="button" onClick={() => go(total === 0 ? wholeView : { page: 1 })}>
        {total === 0 ? "Show all parts" : "The first page"}
      </button>
    </div>
  );
}
