import type { MixAnswer } from "@shardmill/api/contract";
import { bytes, count } from "../data/words.ts";
import { TableBox } from "../frame/table-box.tsx";
import { to } from "../route.ts";
import { shareText, toneOf } from "./mix-shares.tsx";

type Sums = MixAnswer["sums"];

/** What is in a mix: a row for each set, and one for all. */
export function MixSets({ mix: { sets, sums } }: { mix: MixAnswer }) {
  return (
    <TableBox name="Sets of the mix">
      <table class="mix-sets">
        <thead>
          <tr>
            {[
              "set",
              "share",
              "samples",
              "frames",
              "tokens",
              "loss tokens",
              "hours",
              "shards",
              "size",
              "commercial",
            ].map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sets.map(({ dataset, role, share, sums: own, excluded, commercial }, index) => (
            <tr key={dataset}>
              <th scope="row">
                <span class={`dot ${toneOf(sets, index)}`} aria-hidden="true" />
                <a href={to.build(dataset)}>{dataset}</a>
                {role === "text" ? " (text)" : null}
                {excluded === 0 ? null : <small> without {count(excluded)}</small>}
              </th>
              <td>{shareText(share)}</td>
              <Figures sums={own} />
              <td>{commercial}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">all</th>
            <td />
            <Figures sums={sums} />
            <td />
          </tr>
        </tfoot>
      </table>
    </TableBox>
  );
}

/** Nothing for what has no clips. */
function hoursText(durationMs: number | null): string {
  if (durationMs === 0) return "";
  return durationMs === null ? "unknown" : (durationMs / 3_600_000).toFixed(2);
}

function Figures({ sums: { samples, frames, tokens, durationMs, shards, bytes: size } }: { sums: Sums }) {
  return (
    <>
      <td>{count(samples)}</td>
      <td>{count(frames)}</td>
      <td>{tokens === null ? "" : count(tokens.all)}</td>
      <td>{tokens === null ? "" : count(tokens.loss)}</td>
      <td>{hoursText(durationMs)}</td>
      <td>{count(shards)}</td>
      <td>{bytes(size)}</td>
    </>
  );
}
