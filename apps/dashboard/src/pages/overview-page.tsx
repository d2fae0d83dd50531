import type { BuildSummary, Builds } from "@shardmill/api/contract";
import { useElapsed } from "../build/elapsed.tsx";
import { NewBuild } from "../build/new-build.tsx";
import { RefusedRequest } from "../build/refused-request.tsx";
import { WorkList } from "../build/work-list.tsx";
import { useAnswer } from "../data/use-answer.ts";
import { useLive } from "../data/use-live.ts";
import { bytes, count, duration, rate, short } from "../data/words.ts";
import { Notice, ProblemNote, Skeleton } from "../frame/notice.tsx";
import { stateLook, stateOrder } from "../parts/state-look.ts";
import { to } from "../route.ts";

export function OverviewPage() {
  const { data, problem, again } = useAnswer<Builds>("/api/builds", null, 4_000);
  return (
    <>
      <h1>Builds</h1>
      {problem === null ? null : <ProblemNote problem={problem} again={again} />}
      {data === null && problem === null ? <Skeleton /> : null}
      {data?.builds.length === 0 && data.unreadable.length === 0 ? (
        <Notice
          isWithin
          title="No build yet"
          text="Choose a dataset below. A dry run shows what would start before anything does."
        />
      ) : null}
      {data?.requests.map(({ dataset, state, problem: found }) =>
        found === null ? (
          <p class="note" key={dataset}>
            <span class="spinner" aria-hidden="true" /> {dataset}: {state}. The source is listing its files.
          </p>
        ) : (
          <RefusedRequest key={dataset} dataset={dataset} problem={found} />
        ),
      )}
      {data?.unreadable.map(({ dataset, title, problem: found }) => (
        <ProblemNote key={dataset} problem={{ ...found, message: `${title}: ${found.message}` }} />
      ))}
      <div class="build-list">
        {data?.builds.map((build) => (
          <BuildRow key={build.dataset} build={build} />
        ))}
      </div>
      <p>
        <a href={to.mixes}>Mixes for training</a>: what is in each, and what keeps it from being ready.
      </p>
      <CompareLink builds={data?.builds ?? []} />
      <section class="card">
        <h2>New build</h2>
        <NewBuild />
      </section>
      <section class="card" id="workers">
        <h2>Workers</h2>
        <WorkList build={null} />
      </section>
    </>
  );
}

function CompareLink({ builds }: { builds: readonly BuildSummary[] }) {
  const [one, other] = builds;
  if (one === undefined || other === undefined) return null;
  return (
    <p>
      <a href={to.compare(one.dataset, other.dataset)}>Two builds side by side</a>: source, recipe, versions,
      figures, and what was left out.
    </p>
  );
}

function BuildRow({ build }: { build: BuildSummary }) {
  const live = useLive();
  const { dataset, title, totals, states, parts } = build;
  const meter = live.meters.get(dataset)?.at(-1) ?? build.meter;
  const elapsed = useElapsed(build.time);
  return (
    <a class="card build-row" href={to.build(dataset)}>
      <div class="build-head">
        <h2>{title}</h2>
        <Standing build={build} />
        <span class="soft">
          {count(totals.shards)} shards · {bytes(totals.shardBytes)}
        </span>
      </div>
      <StateBar build={build} />
      <div class="build-foot">
        <span>
          <b>{count(states.done ?? 0)}</b> of {count(parts)} parts done
        </span>
        <span>
          <b>{short(totals.samples)}</b> samples
        </span>
        {totals.failed > 0 ? (
          <span class="bad">
            <b>{count(totals.failed)}</b> failed
          </span>
        ) : null}
        {build.active && build.control === "run" ? (
          <span>
            <b>{rate(meter.samplesPerS)}</b> samples/s
          </span>
        ) : null}
        {build.time.state === "running" ? (
          <span class="soft">
            at work for {duration(elapsed)}
            {build.active && meter.eta !== null
              ? ` · about ${duration((meter.eta.lowS + meter.eta.highS) / 2)} to go`
              : ""}
          </span>
        ) : null}
      </div>
    </a>
  );
}

function StateBar({ build }: { build: BuildSummary }) {
  const { states, parts } = build;
  return (
    <div
      class="state-bar"
      role="img"
      aria-label={stateOrder.map((state) => `${states[state] ?? 0} ${state}`).join(", ")}
    >
      {stateOrder.map((state) =>
        (states[state] ?? 0) === 0 ? null : (
          <span
            key={state}
            class={`cell ${state}`}
            style={{ flexGrow: String(states[state]) }}
            title={`${states[state]} ${state}`}
          >
            {(states[state] ?? 0) > parts / 40 ? stateLook[state].sign : ""}
          </span>
        ),
      )}
    </div>
  );
}

export function Standing({
  build,
}: {
  build: Pick<BuildSummary, "active" | "awaited" | "control" | "states" | "parts" | "queueProblem">;
}) {
  const { active, awaited, control, states, parts, queueProblem } = build;
  if (control === "pause") return <span class="standing paused">paused</span>;
  if (active) return <span class="standing at-work">at work</span>;
  if (awaited) return <span class="standing at-work">being taken up</span>;
  if (control === "cancel") return <span class="standing">cancelled</span>;
  const done = (states.done ?? 0) + (states.absent ?? 0);
  return done === parts ? (
    <span class="standing complete">complete</span>
  ) : queueProblem !== null ? (
    <span class="standing unknown" title={queueProblem.message}>
      queue out of reach
    </span>
  ) : (
    <span class="standing">at rest</span>
  );
}
