import type { BuildDetail, PartDetail, Shard } from "@shardmill/api/contract";
import type { ComponentChildren } from "preact";
import { Books } from "../build/books.tsx";
import type { WantedRequest } from "../build/confirm-request.tsx";
import { FailureGroups } from "../build/failure-groups.tsx";
import { Remarks } from "../build/remarks.tsx";
import { rebuildOf, retryOf } from "../build/requests.ts";
import { useConfirm } from "../build/use-confirm.tsx";
import { useAnswer } from "../data/use-answer.ts";
import { bytes, clock, count, duration, moment } from "../data/words.ts";
import { sentence } from "../frame/banners.tsx";
import { Notice, ProblemNote, Skeleton } from "../frame/notice.tsx";
import { TableBox } from "../frame/table-box.tsx";
import { Attempts } from "../parts/attempts.tsx";
import { PartSteering } from "../parts/part-steering.tsx";
import { stateLook } from "../parts/state-look.ts";
import { Timeline } from "../parts/timeline.tsx";
import { to } from "../route.ts";

/** `name` is a label, or whatever else `--parts` takes for one part. */
export function PartPage({ dataset, label: name }: { dataset: string; label: string }) {
  const { data, problem, again } = useAnswer<PartDetail>(
    `/api/builds/${dataset}/parts/${encodeURIComponent(name)}`,
    dataset,
    15_000,
  );
  const { data: build } = useAnswer<BuildDetail>(`/api/builds/${dataset}`, dataset);
  const { ask, dialog } = useConfirm(again);
  if (data === null) {
    if (problem === null) return <Skeleton lines={8} />;
    return (
      <Notice
        title={`Part ${name}`}
        text={sentence(problem.message)}
        link={{ href: to.build(dataset), text: "The build" }}
      />
    );
  }
  return (
    <>
      <PartBody
        dataset={dataset}
        detail={data}
        deeds={<Deeds detail={data} build={build} dataset={dataset} ask={ask} again={again} />}
      />
      {dialog}
    </>
  );
}

/** What can be asked for of one part; while it is at work, to have it wait or end. */
function Deeds(props: {
  dataset: string;
  detail: PartDetail;
  build: BuildDetail | null;
  ask: (wanted: WantedRequest) => void;
  again: () => void;
}) {
  const { dataset, detail, build, ask, again } = props;
  const { label, state } = detail.part;
  if (state === "running" || state === "queued")
    return <PartSteering dataset={dataset} part={detail.part} again={again} />;
  if (state === "absent") return null;
  const rebuild = build === null ? null : rebuildOf(build, `Make part ${label} again`, label);
  const kind = state === "stale" ? "stale" : "parts";
  return (
    <div class="row controls">
      {state === "done" ? null : (
        <button
          type="button"
          class="primary"
          onClick={() => ask(retryOf(dataset, kind, `Build part ${label}`, label))}
        >
          {state === "stale" ? "Make this stale part again" : "Build what is missing here"}
        </button>
      )}
      {detail.shards.length === 0 ? null : (
        <button
          type="button"
          onClick={() => ask(retryOf(dataset, "corrupt", `Damaged shards of part ${label}`, label))}
        >
          Check its shards
        </button>
      )}
      {rebuild === null || detail.shards.length === 0 ? null : (
        <button type="button" class="quiet" onClick={() => ask(rebuild)}>
          Make again …
        </button>
      )}
    </div>
  );
}

function PartBody(props: { dataset: string; detail: PartDetail; deeds: ComponentChildren }) {
  const { dataset, detail, deeds } = props;
  const { part, shards, open, log, attempts, pieces } = detail;
  return (
    <>
      <PartHead detail={detail} deeds={deeds} />
      {part.error === null ? null : (
        <ProblemNote
          problem={{
            code: part.error.code ?? part.state,
            message: part.error.detail,
            remedy: part.error.remedy,
          }}
        />
      )}
      <section class="card">
        <Books packed={part.packed} failed={part.failed} skipped={part.skipped} members={part.members} />
        <p class="soft small-print">
          {pieces.map(({ path }) => path).join(" + ") || "no file at the source"} · {bytes(part.sourceBytes)}{" "}
          at the source · {bytes(part.shardBytes)} in shards · {count(part.frames)} frames
        </p>
      </section>
      <section class="card">
        <h2>Shards</h2>
        {shards.length === 0 && (open === null || open.length === 0) ? (
          <p class="empty">No shard yet.</p>
        ) : null}
        {shards.length === 0 ? null : <Timeline shards={shards} />}
        {shards.length + (open ?? []).length === 0 ? null : (
          <Shards dataset={dataset} shards={shards} open={open ?? []} />
        )}
      </section>
      <Remarks remarks={part.remarks} />
      <section class="card">
        <h2>Left out, by cause</h2>
        <FailureGroups dataset={dataset} part={part.label} opened={null} />
      </section>
      <section class="card">
        <h2>Attempts</h2>
        <Attempts attempts={attempts} isAtWork={part.state === "running"} />
      </section>
      <section class="card">
        <h2>Log</h2>
        <Log lines={log} />
      </section>
    </>
  );
}

function PartHead({ detail, deeds }: { detail: PartDetail; deeds: ComponentChildren }) {
  const { part, end } = detail;
  return (
    <div class="page-head">
      <div>
        <h1>
          <span class={`cell ${part.state}`} aria-hidden="true">
            {stateLook[part.state].sign}
          </span>{" "}
          Part {part.label} <span class="soft">{part.state}</span>
          {part.held === null ? null : (
            <span class="tag">{part.held.kind === "pause" ? "paused" : "cancelled"}</span>
          )}
        </h1>
        <p class="soft">
          {part.subset === null ? "" : `of ${part.subset} · `}
          {stateLook[part.state].meaning}
          {part.state === "missing" && !part.asked ? " · nobody has asked for it" : ""}
          {end === null ? "" : ` · ended ${moment(end.endedAt)}`}
          {part.held === null
            ? ""
            : part.held.kind === "pause"
              ? ` · paused since ${moment(part.held.at)}`
              : ` · cancelled ${moment(part.held.at)}; what is committed stays`}
        </p>
      </div>
      {deeds}
    </div>
  );
}

function Log({ lines }: { lines: PartDetail["log"] }) {
  return (
    <>
      {lines.length === 0 ? <p class="empty">Nothing has been heard of this part yet.</p> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard */}
      <ol class="log" tabIndex={0} aria-label="Log of this part, newest first">
        {lines.toReversed().map((line) => (
          <li key={`${line.at}${line.kind}${line.range}`} class={line.kind}>
            <time>{clock(line.at)}</time>
            <b>{[line.step, line.range].filter((word) => word !== null).join(" ")}</b>
            <span>{line.text}</span>
            <span class="soft">{line.worker}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Shards(props: { dataset: string; shards: readonly Shard[]; open: NonNullable<PartDetail["open"]> }) {
  const { dataset, shards, open } = props;
  return (
    <TableBox name="Shards">
      <table>
        <thead>
          <tr>
            <th>shard</th>
            <th class="number">samples</th>
            <th class="number">failed</th>
            <th class="number">skipped</th>
            <th class="number">frames</th>
            <th class="number">size</th>
            <th class="number">took</th>
            <th>worker</th>
          </tr>
        </thead>
        <tbody>
          {shards.map((shard) => (
            <tr key={shard.shard}>
              <td>
                {shard.samples > 0 ? <a href={to.shard(dataset, shard.shard)}>{shard.shard}</a> : shard.shard}
              </td>
              <td class="number">{count(shard.samples)}</td>
              <td class="number">{shard.failed === 0 ? "" : count(shard.failed)}</td>
              <td class="number">{shard.skipped === 0 ? "" : count(shard.skipped)}</td>
              <td class="number">{count(shard.frames)}</td>
              <td class="number">{bytes(shard.bytes)}</td>
              <td class="number">{duration(shard.seconds)}</td>
              <td class="soft">{shard.worker}</td>
            </tr>
          ))}
          {open.map(({ shard, members }) => (
            <tr key={shard} class="soft">
              <td>{shard}</td>
              <td colSpan={7}>not made yet · {count(members)} members</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}
