import type { PartDetail } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { duration, moment } from "../data/words.ts";
import { TableBox } from "../frame/table-box.tsx";

type Attempt = PartDetail["attempts"][number];

const mostShown = 12;

const results: Readonly<Record<string, string>> = {
  parked: "planned",
  completed: "done",
  retrying: "failed, tried again",
  failed: "failed",
  handed_back: "handed back",
  delayed: "put off",
  rate_limited: "put off by the source",
  cancelled: "cancelled",
  lock_lost: "lost",
};

/** Every try at the part's jobs that its log still tells of: by whom, when, and what came of it. */
export function Attempts({ attempts, isAtWork }: { attempts: readonly Attempt[]; isAtWork: boolean }) {
  const [isWhole, setWhole] = useState(false);
  if (attempts.length === 0) return <p class="empty">None that the log tells of.</p>;
  const shown = isWhole ? attempts : attempts.slice(0, mostShown);
  return (
    <>
      <TableBox name="Attempts">
        <table>
          <thead>
            <tr>
              <th>job</th>
              <th class="number">attempt</th>
              <th>begun</th>
              <th class="number">took</th>
              <th>ended with</th>
              <th>worker</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <Row
                key={`${one.beganAt}${one.endedAt}${one.step}${one.range}`}
                attempt={one}
                isAtWork={isAtWork}
              />
            ))}
          </tbody>
        </table>
      </TableBox>
      {attempts.length > shown.length ? (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          Show {attempts.length - shown.length} more
        </button>
      ) : null}
    </>
  );
}

function Row({ attempt: one, isAtWork }: { attempt: Attempt; isAtWork: boolean }) {
  const { step, range, worker, attempt, beganAt, endedAt, result, code } = one;
  const seconds =
    beganAt === null || endedAt === null ? null : (Date.parse(endedAt) - Date.parse(beganAt)) / 1_000;
  const open = isAtWork ? "at work, or lost" : "its end was not told";
  return (
    <tr>
      <td>{range === null ? step : `${step} ${range}`}</td>
      <td class="number">{attempt ?? ""}</td>
      <td>{beganAt === null ? "" : moment(beganAt)}</td>
      <td class="number">{seconds === null ? "" : duration(Math.max(0, seconds))}</td>
      <td>
        {result === null ? open : (results[result] ?? result)}
        {code === null ? "" : ` (${code})`}
      </td>
      <td class="soft">{worker}</td>
    </tr>
  );
}
