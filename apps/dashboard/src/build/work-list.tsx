import type { BuildDetail, Problem, RunningShard, Workers } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { ask } from "../data/ask.ts";
import { nameOf } from "../data/live.ts";
import { problemOf, useAnswer } from "../data/use-answer.ts";
import { useLive } from "../data/use-live.ts";
import { bytes, count, duration } from "../data/words.ts";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { to } from "../route.ts";

const steps: Record<string, string> = {
  plan: "planning",
  finish: "finishing",
  seal: "sealing the build",
  mill: "milling",
};

/** Every worker, and what it has in hand with how far that is. */
export function WorkList({ build }: { build: BuildDetail | null }) {
  const live = useLive();
  const { data, again } = useAnswer<Workers>("/api/workers", build?.dataset ?? null, 3_000);
  if (data === null) return <Skeleton lines={2} />;
  if (data.workers.length === 0) {
    return (
      <p class="empty">
        No worker is connected. Start one on any machine: <code>shardmill worker</code> with the same{" "}
        <code>REDIS_URL</code> and output folder.
      </p>
    );
  }
  const running = new Map((build?.running ?? []).map((shard) => [nameOf(shard), shard]));
  for (const [name, shard] of live.running.get(build?.dataset ?? "") ?? []) running.set(name, shard);
  return (
    <ul class="workers">
      {data.workers.map(({ refuses, current, ...worker }) => (
        <li key={worker.worker}>
          <WorkerHead worker={worker} again={again} />
          {refuses
            .filter((refusal) => build === null || refusal.build === build.build)
            .map(({ build: refused, dataset, why }) => (
              <p class="warn" key={refused}>
                takes no job of {dataset}: {why}
              </p>
            ))}
          {current.length === 0 && refuses.length === 0 && !worker.rests ? (
            <p class="soft">waits for work</p>
          ) : null}
          {current.map((job) => (
            <Job
              key={`${job.build}${nameOf(job)}`}
              dataset={build?.dataset ?? null}
              job={job}
              told={running.get(nameOf(job))}
            />
          ))}
        </li>
      ))}
    </ul>
  );
}

/** Since when it is there, what it takes of the memory, and whether it is to take jobs. */
function WorkerHead(props: {
  worker: Omit<Workers["workers"][number], "current" | "refuses">;
  again: () => void;
}) {
  const { worker, again } = props;
  const { host, role, version, sameVersion, startedAt, memoryBytes, rests, processes, alive } = worker;
  const [problem, setProblem] = useState<Problem | null>(null);
  const turn = async (): Promise<void> => {
    setProblem(null);
    try {
      await ask("/api/workers/rest", { body: { worker: worker.worker, rests: !rests } });
      again();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const name = worker.worker.replace(/\/(plan|mill)$/, "");
  return (
    <>
      <div class="worker-name">
        <span class={`role ${role}`}>{role}</span>
        <b>{name}</b>
        <span class="soft">
          {host}
          {sameVersion ? "" : ` · version ${version} differs`}
          {startedAt === null ? "" : ` · up ${duration((Date.now() - Date.parse(startedAt)) / 1_000)}`}
          {memoryBytes === null ? "" : ` · ${bytes(memoryBytes)}`}
          {processes === 1 ? "" : ` · ${alive === processes ? "" : `${alive} of `}${processes} processes`}
        </span>
        <button
          type="button"
          class="quiet small"
          onClick={() => void turn()}
          aria-label={`${rests ? "Let it work again" : "Take no new job"}: ${name}, ${role}`}
        >
          {rests ? "Let it work again" : "Take no new job"}
        </button>
      </div>
      {rests ? <p class="soft">takes no new job; what it has in hand it ends</p> : null}
      {problem === null ? null : <ProblemNote problem={problem} />}
    </>
  );
}

function Job(props: {
  dataset: string | null;
  job: { step: string; label: string | null; range: string | null; member: string | null };
  told: RunningShard | undefined;
}) {
  const { dataset, job, told } = props;
  const name = [job.label, job.range].filter((word) => word !== null).join(" · ");
  const done = told?.done ?? null;
  const of = told?.of ?? null;
  const member = told?.member ?? job.member;
  return (
    <div class="job">
      <span class="soft">{steps[job.step] ?? job.step}</span>
      {dataset !== null && job.label !== null ? (
        <a href={to.part(dataset, job.label)}>{name}</a>
      ) : (
        <span>{name}</span>
      )}
      {member === null ? null : (
        <span class="member" title={member}>
          {member.slice(member.lastIndexOf("/") + 1)}
        </span>
      )}
      {done === null ? null : (
        <span class="progress">
          <progress value={done} max={of ?? undefined} aria-label={`${name}: members done`} />
          <span class="soft">
            {count(done)}
            {of === null ? "" : ` / ${count(of)}`}
          </span>
        </span>
      )}
    </div>
  );
}
