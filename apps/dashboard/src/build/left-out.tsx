import type { Failures } from "@shardmill/api/contract";
import { useAnswer } from "../data/use-answer.ts";
import { count } from "../data/words.ts";
import { type LeftOutView, to } from "../route.ts";
import { FailureGroups } from "./failure-groups.tsx";
import { MemberTable } from "./member-table.tsx";

/** What was left out of a build: by cause, or the members in which a text stands. Which is in the address. */
export function LeftOut({ dataset, view }: { dataset: string; view: LeftOutView }) {
  const { code, search } = view;
  return (
    <>
      <Finder dataset={dataset} view={view} />
      {search === "" ? (
        <FailureGroups dataset={dataset} part={null} opened={code} />
      ) : (
        <MemberTable key={`${code}/${search}`} dataset={dataset} part={null} code={code} search={search} />
      )}
    </>
  );
}

function Finder({ dataset, view }: { dataset: string; view: LeftOutView }) {
  const { data } = useAnswer<Failures>(`/api/builds/${dataset}/failures?pageSize=1`, dataset);
  const go = (change: Partial<LeftOutView>): void => {
    location.hash = to.leftOut(dataset, { ...view, ...change });
  };
  if (data === null || data.groups.length === 0) return null;
  return (
    <form class="finder" onSubmit={(event) => event.preventDefault()}>
      <label>
        Find a member
        <input
          type="search"
          name="find-member"
          placeholder="its name, or what was found"
          value={view.search}
          maxLength={200}
          onChange={(event) => go({ search: event.currentTarget.value.trim() })}
        />
      </label>
      <label>
        Cause
        <select
          name="cause"
          value={view.code ?? ""}
          onChange={({ currentTarget: { value } }) => go({ code: value === "" ? null : value })}
        >
          <option value="">every cause</option>
          {data.groups.map((group) => (
            <option key={group.code} value={group.code}>
              {group.code} ({count(group.count)})
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}
