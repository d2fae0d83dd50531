import type { BuildDetail, Builds } from "@shardmill/api/contract";
import { AskedFor } from "../build/asked-for.tsx";
import { Books } from "../build/books.tsx";
import { Budget } from "../build/budget.tsx";
import { ChangedSince } from "../build/changed-since.tsx";
import { Controls } from "../build/controls.tsx";
import { LeftOut } from "../build/left-out.tsx";
import { MadeFrom } from "../build/made-from.tsx";
import { Pace } from "../build/pace.tsx";
import { RefusedRequest } from "../build/refused-request.tsx";
import { BuildRemarks } from "../build/remarks.tsx";
import { WorkList } from "../build/work-list.tsx";
import { useAnswer } from "../data/use-answer.ts";
import { bytes, count, moment, plural, short } from "../data/words.ts";
import { Notice, ProblemNote, Skeleton } from "../frame/notice.tsx";
import { PartsSection } from "../parts/parts-section.tsx";
import type { LeftOutView, PartsView } from "../route.ts";
import { Standing } from "./overview-page.tsx";

export function BuildPage(props: { dataset: string; leftOut: LeftOutView; view: PartsView }) {
  const { dataset, leftOut, view } = props;
  const {
    data: build,
    problem,
    isCurrent,
    again,
  } = useAnswer<BuildDetail>(`/api/builds/${dataset}`, dataset, 10_000);
  if (build === null) {
    if (problem === null) return <Skeleton lines={8} />;
    if (problem.code !== "not_found") return <ProblemNote problem={problem} again={again} />;
    return <NoBuild dataset={dataset} />;
  }
  return (
    <>
      <BuildHead build={build} isCurrent={isCurrent} again={again} />
      <ChangedSince build={build} />
      {problem === null ? null : <ProblemNote problem={problem} again={again} />}
      {build.queueProblem === null ? null : <ProblemNote problem={build.queueProblem} again={again} />}
      {build.request?.state === "planning" ? (
        <p class="note">
          <span class="spinner" aria-hidden="true" /> A request is being planned: the source is listing its
          files.
        </p>
      ) : null}
      <RefusedRequest dataset={dataset} problem={build.request?.problem ?? null} />
      <Accounts build={build} />
      <PartsSection build={build} view={view} />
      <div class="columns">
        <section class="card" id="failures">
          <h2>Left out, by cause</h2>
          <LeftOut dataset={dataset} view={leftOut} />
        </section>
        <section class="card">
          <h2>Workers</h2>
          <WorkList build={build} />
        </section>
      </div>
      <BuildRemarks build={build} />
      <AskedFor dataset={dataset} />
      <MadeFrom build={build} />
    </>
  );
}

function BuildHead(props: { build: BuildDetail; isCurrent: boolean; again: () => void }) {
  const { build, isCurrent, again } = props;
  return (
    <div class="page-head">
      <div class="head-words">
        <h1>
          {build.title} <Standing build={build} />
        </h1>
        <p class="soft">
          {build.source.name}
          {build.source.revision === null ? "" : ` @ ${build.source.revision.slice(0, 8)}`} ·{" "}
          <span class="tag">{build.license}</span> · begun {moment(build.createdAt)}
        </p>
      </div>
      <Controls build={build} isCurrent={isCurrent} again={again} />
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
        members={totals.members + totals.toDo}
        parts={partsOf(build)}
      />
      <p class="soft small-print">
        {short(totals.frames)} frames in {count(totals.shards)} shards, {bytes(totals.shardBytes)}
        {totals.tokens === null
          ? ""
          : ` · ${short(totals.tokens.all)} tokens, the loss on ${short(totals.tokens.loss)}, ${plural(totals.tokens.cut, "sample")} cut`}
        {totals.unmatched === null ? "" : ` · ${plural(totals.unmatched, "annotation")} without a member`}
        {(totals.notFetched ?? 0) === 0
          ? ""
          : ` · ${plural(totals.notFetched ?? 0, "question")} whose media nobody fetched`}
      </p>
      <Budget build={build} />
    </section>
  );
}

function partsOf({ states, parts, totals }: BuildDetail) {
  const all = parts - (states.absent ?? 0);
  return {
    all,
    notBegun: (states.missing ?? 0) + (states.queued ?? 0),
    notDone: all - (states.done ?? 0),
    toDo: totals.partsToDo,
  };
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
      <RefusedRequest dataset={dataset} problem={request?.problem ?? null} />
      <Notice
        title={`No build of ${dataset}`}
        text="Nothing of it is in the output folder."
        link={{ href: "#/", text: "Start one" }}
      />
    </>
  );
}
