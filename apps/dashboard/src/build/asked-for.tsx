import type { Requests } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { useAnswer } from "../data/use-answer.ts";
import { moment, plural } from "../data/words.ts";
import { TableBox } from "../frame/table-box.tsx";

type Asked = Requests["requests"][number];

const mostShown = 5;

/** Who asked for what of this build, when, and what came of it. */
export function AskedFor({ dataset }: { dataset: string }) {
  const { data } = useAnswer<Requests>(`/api/builds/${dataset}/requests`, dataset);
  const [isWhole, setWhole] = useState(false);
  const all = data?.requests ?? [];
  const shown = isWhole ? all : all.slice(0, mostShown);
  return (
    <section class="card" id="asked-for">
      <h2>Asked for</h2>
      {data !== null && all.length === 0 ? <p class="empty">No request is on record.</p> : null}
      {all.length === 0 ? null : (
        <TableBox name="Requests">
          <table>
            <thead>
              <tr>
                <th>when</th>
                <th>who</th>
                <th>what</th>
                <th>what came of it</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <Row key={`${one.at}${one.verb}${one.about}`} asked={one} />
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
      {all.length > shown.length ? (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          Show {all.length - shown.length} more
        </button>
      ) : null}
    </section>
  );
}

function Row({ asked: { at, verb, about, origin, result, parts, code, detail } }: { asked: Asked }) {
  const outcome =
    result === "queued" && parts !== null ? `${plural(parts, "part")} queued` : result.replaceAll("_", " ");
  return (
    <tr>
      <td>
        <time dateTime={at}>{moment(at)}</time>
      </td>
      <td dir="auto">
        {origin.kind === "command" ? origin.who : `${origin.kind === "page" ? "page" : "API"}, ${origin.who}`}
      </td>
      <td dir="auto">{about === null ? verb : `${verb}: ${about}`}</td>
      <td dir="auto" title={detail ?? undefined}>
        {outcome}
        {code === null ? "" : ` (${code})`}
      </td>
    </tr>
  );
}
