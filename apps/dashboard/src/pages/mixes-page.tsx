import type { MixAnswer, Mixes } from "@shardmill/api/contract";
import { useAnswer } from "../data/use-answer.ts";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { MixLeftOut } from "../mixes/mix-left-out.tsx";
import { MixSets } from "../mixes/mix-sets.tsx";
import { MixShares } from "../mixes/mix-shares.tsx";

export function MixesPage() {
  const { data, problem, again } = useAnswer<Mixes>("/api/mixes", null, 30_000);
  return (
    <>
      <h1>Mixes</h1>
      {problem === null ? null : <ProblemNote problem={problem} again={again} />}
      {data === null && problem === null ? <Skeleton /> : null}
      {data !== null && data.mixes.length + data.invalid.length === 0 ? (
        <p class="empty">No mix is known to this service.</p>
      ) : null}
      {data?.invalid.map(({ file, problems }) => (
        <p class="note" key={file}>
          {file} cannot be used: {problems.join("; ")}
        </p>
      ))}
      {data?.mixes.map((mix) => (
        <Mix key={mix.name} mix={mix} />
      ))}
    </>
  );
}

function Mix({ mix }: { mix: MixAnswer }) {
  const { name, title, isReady, sets, terms, notes, problems } = mix;
  return (
    <section class="card mix" data-mix={name} aria-labelledby={`mix-${name}`}>
      <h2 id={`mix-${name}`}>
        {title}{" "}
        <span class={isReady ? "mix-state ready" : "mix-state"}>{isReady ? "ready" : "not ready"}</span>
      </h2>
      {sets.length === 0 ? null : (
        <>
          <MixShares sets={sets} />
          <MixSets mix={mix} />
          <MixLeftOut mix={mix} />
          <p class="soft">
            Together: commercial use {terms.commercial}, redistribution {terms.redistribution}.
          </p>
        </>
      )}
      {problems.length === 0 ? null : (
        <>
          <h3>What keeps it from being ready</h3>
          <ul class="mix-problems">
            {problems.map(({ path, message, command }) => (
              <li key={path + message}>
                {path === "" ? null : <code>{path}</code>} {message}
                {command === null ? null : <code class="mix-command">{command}</code>}
              </li>
            ))}
          </ul>
        </>
      )}
      {notes.map((note) => (
        <p class="note" key={note}>
          {note}
        </p>
      ))}
      <Published mix={mix} />
    </section>
  );
}

function Published({ mix: { isReady, published, command: words } }: { mix: MixAnswer }) {
  const command = <code>{words}</code>;
  if (published === null) return isReady ? <p class="soft">Not published yet: {command}</p> : null;
  if (published.changes.length === 0) return <p class="soft">Published, and as it was.</p>;
  return (
    <>
      <p>Published before its outputs changed: {command}</p>
      <ul>
        {published.changes.map((change) => (
          <li key={change}>{change}</li>
        ))}
      </ul>
    </>
  );
}
