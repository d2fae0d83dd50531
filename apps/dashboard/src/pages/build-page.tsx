import type { BuildDetail, Builds, PartState, PartsPage } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { Books } from "../build/books.tsx";
import { Budget } from "../build/budget.tsx";
import { Controls } from "../build/controls.tsx";
import { FailureGroups } from "../build/failure-groups.tsx";
import { Pace } from "../build/pace.tsx";
import { BuildRemarks } from "../build/remarks.tsx";
import { WorkList } from "../build/work-list.tsx";
import { useAnswer } from "../data/use-answer.ts";
import { bytes, count, moment, plural, short } from "../data/words.ts";
import { Notice, ProblemNote, Skeleton } from "../frame/notice.tsx";
import { Legend } from "../parts/legend.tsx";
import { PartGrid } from "../parts/part-grid.tsx";
import { Standing } from "./overview-page.tsx";

export function BuildPage({ dataset, code }: { dataset: string; code: string | null }) {
  const { data: build, problem, again } = useAnswer<BuildDetail>(`/api/builds/${dataset}`, dataset, 10_000);
  const [shown, setShown] = useState<PartState | null>(null);
  if (build === null) {
    if (problem === null) return <Skeleton lines={8} />;
    if (problem.code !== "not_found") return <ProblemNote problem={problem} again={again} />;
    return <NoBuild dataset={dataset} />;
  }
  return (
    <>
      <BuildHead build={build} again={again} />
      {problem === null ? null : <ProblemNote problem={problem} again={again} />}
      {build.queueProblem === null ? null : <ProblemNote problem={build.queueProblem} again={again} />}
      {build.request?.state === "planning" ? (
        <p class="note">
          <span class="spinner" aria-hidden="true" /> A request is being planned: the source is listing its
          files.
        </p>
      ) : null}
      {build.request?.problem == null ? null : <ProblemNote problem={build.request.problem} />}
      <Accounts build={build} />
      <section class="card">
        <div class="section-head">
          <h2>
            Parts{" "}
            <span class="soft count-note">
              {count(build.states.done ?? 0)} of {count(build.parts)} done
            </span>
          </h2>
          <Legend counts={build.states} chosen={shown} onChoose={setShown} />
        </div>
        <Parts dataset={dataset} shown={shown} />
      </section>
      <div class="columns">
        <section class="card" id="failures">
          <h2>Left out, by cause</h2>
          <FailureGroups dataset={dataset} part={null} opened={code} />
        </section>
        <section class="card">
          <h2>Workers</h2>
          <WorkList build={build} />
        </section>
      </div>
      <BuildRemarks build={build} />
    </>
  );
}

function BuildHead({ build, again }: { build: BuildDetail; again: () => void }) {
  return (
    <div class="page-head">
      <div>
        <h1>
          {build.title} <Standing build={build} />
        </h1>
        <p class="soft">
          {build.source.name}
          {build.source.revision === null ? "" : ` @ ${build.source.revision.slice(0, 8)}`} ·{" "}
          <span class="tag">{build.license}</span> · begun {moment(build.createdAt)}
        </p>
      </div>
      <Controls build={build} again={again} />
    </div>
  );
}

function Accounts({ build }: { build: BuildDetail }) {
  const { totals } = build;
  return (
    <section class="card">
      <Pace build={build} />
      <Books
        packed={totals.packed}
        failed={totals.failed}
        skipped={totals.skipped}
        members={totals.members}
      />
      <p class="soft small-print">
        {short(totals.frames)} frames in {count(totals.shards)} shards, {bytes(totals.shardBytes)}
        {totals.tokens === null
          ? ""
          : ` · ${short(totals.tokens.all)} tokens, the loss on ${short(totals.tokens.loss)}, ${plural(totals.tokens.cut, "sample")} cut`}
        {totals.unmatched === null ? "" : ` · ${plural(totals.unmatched, "annotation")} without a member`}
      </p>
      <Budget build={build} />
    </section>
  );
}

function Parts({ dataset, shown }: { dataset: string; shown: PartState | null }) {
  const { data, problem, again } = useAnswer<PartsPage>(
    `/api/builds/${dataset}/parts?pageSize=1000`,
    dataset,
  );
  if (data === null)
    return problem === null ? <Skeleton lines={6} /> : <ProblemNote problem={problem} again={again} />;
  return (
    <>
      <PartGrid dataset={dataset} parts={data.parts} shown={shown} />
      {data.total > data.parts.length ? (
        <p class="soft">
          The first {count(data.parts.length)} of {count(data.total)} parts are shown.
        </p>
      ) : null}
    </>
  );
}

/** Before its first part is enqueued a build may be in planning, which takes as long as the source's listing. */
function NoBuild({ dataset }: { dataset: string }) {
  const { data } = useAnswer<Builds>("/api/builds", dataset, 2_000);
  const request = data?.requests.find((one) => one.dataset === dataset);
  if (data === null) return <Skeleton lines={4} />;
  if (request?.state === "planning") {
    return (
      <Notice
        title={`${dataset} is being planned`}
        text="The source is listing its files. The build appears here by itself."
      >
        <span class="spinner" aria-hidden="true" />
      </Notice>
    );
  }
  return (
    <>
      {request?.problem == null ? null : <ProblemNote problem={request.problem} />}
      <Notice
        title={`No build of ${dataset}`}
        text="Nothing of it is in the output folder."
        link={{ href: "#/", text: "Start one" }}
      />
    </>
  );
}
