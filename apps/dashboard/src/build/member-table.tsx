import type { Failures } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { useAnswer } from "../data/use-answer.ts";
import { ProblemNote, Skeleton } from "../frame/notice.tsx";
import { Pager } from "../frame/pager.tsx";
import { TableBox } from "../frame/table-box.tsx";
import { to } from "../route.ts";

const pageSize = 20;

export function MemberTable({ dataset, part, code }: { dataset: string; part: string | null; code: string }) {
  const [page, setPage] = useState(1);
  const where = part === null ? "" : `&part=${part}`;
  const path = `/api/builds/${dataset}/failures?code=${code}${where}&page=${page}&pageSize=${pageSize}`;
  const { data, problem, again } = useAnswer<Failures>(path, dataset);
  if (data === null) return problem === null ? <Skeleton /> : <ProblemNote problem={problem} again={again} />;
  return (
    <>
      <TableBox name={`Members left out: ${code}`}>
        <table>
          <thead>
            <tr>
              <th>part</th>
              <th class="number">position</th>
              <th>member</th>
              <th>what was found</th>
            </tr>
          </thead>
          <tbody>
            {data.members.items.length === 0 ? (
              <tr>
                <td colSpan={4} class="empty">
                  {data.members.total === 0 ? "No member any more." : "No member on this page."}
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
