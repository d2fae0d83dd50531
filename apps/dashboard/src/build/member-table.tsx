import type { Failures } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { useAnswer } from "../data/use-answer.ts";
import { plural } from "../data/words.ts";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { Pager } from "../frame/pager.tsx";
import { TableBox } from "../frame/table-box.tsx";
import { to } from "../route.ts";

const pageSize = 20;

/** Members of one cause, or those in which a text stands. */
export function MemberTable(props: {
  dataset: string;
  part: string | null;
  code: string | null;
  search?: string;
}) {
  const { dataset, part, code, search = "" } = props;
  const [page, setPage] = useState(1);
  const asked = new URLSearchParams({ page: String(page), pageSize: String(pageSize) });
  if (code !== null) asked.set("code", code);
  if (part !== null) asked.set("part", part);
  if (search !== "") asked.set("search", search);
  const path = `/api/builds/${dataset}/failures?${asked}`;
  const { data, problem, again } = useAnswer<Failures>(path, dataset);
  if (data === null) return problem === null ? <Skeleton /> : <ProblemNote problem={problem} again={again} />;
  return (
    <>
      {data.members.notSearched === 0 ? null : (
        <p class="note">
          {plural(data.members.notSearched, "part")} behind these were not searched: there are too many
          members. Choose a cause.
        </p>
      )}
      <TableBox name={code === null ? `Members with ${search}` : `Members left out: ${code}`}>
        <table>
          <thead>
            <tr>
              <th>part</th>
              <th class="number">position</th>
              <th>member</th>
              {code === null ? <th>cause</th> : null}
              <th>what was found</th>
            </tr>
          </thead>
          <tbody>
            {data.members.items.length === 0 ? (
              <tr>
                <td colSpan={code === null ? 5 : 4} class="empty">
                  {noMember(data.members.total, search)}
                </td>
              </tr>
            ) : null}
            {data.members.items.map((member) => (
              <tr key={`${member.part}/${member.position}`}>
                <td>
                  <a href={to.part(dataset, member.part)}>{member.part}</a>
                </td>
                <td class="number">{member.position}</td>
                <td class="name" dir="auto">
                  {member.member}
                </td>
                {code === null ? (
                  <td>
                    <code>{member.code}</code>
                  </td>
                ) : null}
                <td class="soft">
                  {member.detail}
                  {member.attempt > 1 ? ` · ${member.attempt} attempts` : ""}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      <Pager page={page} pageSize={pageSize} total={data.members.total} onPage={setPage} />
    </>
  );
}

function noMember(total: number, search: string): string {
  if (total > 0) return "No member on this page.";
  return search === "" ? "No member any more." : "No member has this text in its name or in what was found.";
}
