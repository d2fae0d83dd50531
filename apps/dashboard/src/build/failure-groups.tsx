import type { FailureGroup, Failures } from "@shardmill/api/contract";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAnswer } from "../data/use-answer.ts";
import { count, plural } from "../data/words.ts";
import { sentence } from "../frame/banners.tsx";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { to } from "../route.ts";
import type { WantedRequest } from "./confirm-request.tsx";
import { MemberTable } from "./member-table.tsx";
import { useConfirm } from "./use-confirm.tsx";

/** What was left out, grouped by cause. A group opens into its members and offers to try them again. */
export function FailureGroups(props: { dataset: string; part: string | null; opened: string | null }) {
  const { dataset, part, opened } = props;
  const where = part === null ? "" : `&part=${part}`;
  const { data, problem, again } = useAnswer<Failures>(
    `/api/builds/${dataset}/failures?pageSize=1${where}`,
    dataset,
  );
  const { ask, dialog } = useConfirm(again);
  if (data === null) return problem === null ? <Skeleton /> : <ProblemNote problem={problem} again={again} />;
  if (data.groups.length === 0 && data.parts.length === 0) {
    return <p class="empty good">Nothing was left out so far.</p>;
  }
  const mostOf = (kind: string): number =>
    Math.max(1, ...data.groups.filter((group) => group.kind === kind).map((group) => group.count));
  return (
    <div class="groups">
      <FailedParts dataset={dataset} parts={data.parts} />
      {data.groups.map((group) => (
        <Group
          key={group.code}
          dataset={dataset}
          part={part}
          group={group}
          share={group.count / mostOf(group.kind)}
          isOpened={group.code === opened}
          onRetry={() => ask(retryOf(dataset, part, group))}
        />
      ))}
      {dialog}
    </div>
  );
}

function retryOf(dataset: string, part: string | null, group: FailureGroup): WantedRequest {
  return {
    kind: "request",
    title: `Retry ${count(group.count)} × ${group.code}`,
    path: `/api/builds/${dataset}/retry`,
    body: {
      selection: {
        kind: "failed-samples",
        codes: [group.code],
        ...(part === null ? {} : { parts: part }),
      },
    },
  };
}

function FailedParts({ dataset, parts }: { dataset: string; parts: Failures["parts"] }) {
  return (
    <>
      {parts.map(({ label, code, detail, remedy }) => (
        <div class="group-part" key={label}>
          <span class="cell small failed" aria-hidden="true">
            ✕
          </span>
          <p>
            <a href={to.part(dataset, label)}>{label}</a> {sentence(detail)}{" "}
            <span class="soft">{sentence(remedy)}</span>
            {code === null ? null : <code>{code}</code>}
          </p>
        </div>
      ))}
    </>
  );
}

function Group(props: {
  dataset: string;
  part: string | null;
  group: FailureGroup;
  share: number;
  isOpened: boolean;
  onRetry: () => void;
}) {
  const { dataset, part, group, share, isOpened, onRetry } = props;
  const [isOpen, setOpen] = useState(isOpened);
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (isOpened) details.current?.scrollIntoView({ block: "start" });
  }, [isOpened]);
  return (
    <details
      ref={details}
      class={`group ${group.kind}`}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>
        <span class="group-count">{count(group.count)}</span>
        <span class="group-words">
          <span class="group-line">
            <code>{group.code}</code>
            <span class="soft">
              {group.kind} · in {plural(group.parts, "part")}
            </span>
          </span>
          <span>{sentence(group.meaning)}</span>
        </span>
        <span class="group-bar" aria-hidden="true">
          <span style={{ width: `${Math.max(1.5, 100 * share)}%` }} />
        </span>
      </summary>
      <div class="group-body">
        <p class="remedy">
          <b>What to do</b> {sentence(group.remedy)}
        </p>
        {group.kind === "failed" ? (
          <div class="row">
            <button type="button" class={group.retryable ? "primary" : ""} onClick={onRetry}>
              Retry these
            </button>
            <span class="soft">
              {group.retryable
                ? "Trying again may end differently."
                : "Trying again the same way will most likely end the same."}
            </span>
          </div>
        ) : null}
        {isOpen ? <MemberTable dataset={dataset} part={part} code={group.code} /> : null}
      </div>
    </details>
  );
}
