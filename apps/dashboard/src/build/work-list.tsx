import type { BuildDetail, RunningShard, Workers } from "@shardmill/api/contract";
import { nameOf } from "../data/live.ts";
import { useAnswer } from "../data/use-answer.ts";
import { useLive } from "../data/use-live.ts";
import { count } from "../data/words.ts";
import { Skeleton } from "../frame/notice.tsx";
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
  const { data } = useAnswer<Workers>("/api/workers", build?.dataset ?? null, 3_000);
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
      {data.workers.map(({ worker, host, role, version, sameVersion, current, refuses }) => (
        <li key={worker}>
          <p class="worker-name">
            <span class={`role ${role}`}>{role}</span>
            <b>{worker.replace(/\/(plan|mill)$/, "")}</b>
            <span class="soft">
              {host}
              {sameVersion ? "" : ` · version ${version} differs`}
            </span>
          </p>
          {refuses
            .filter((refusal) => build === null || refusal.build === build.build)
            .map(({ build: refused, dataset, why }) => (
              <p class="warn" key={refused}>
                takes no job of {dataset}: {why}
              </p>
            ))}
          {current.length === 0 && refuses.length === 0 ? <p class="soft">waits for work</p> : null}
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
