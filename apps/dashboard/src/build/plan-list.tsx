import type { RequestAnswer } from "@shardmill/api/contract";
import { bytes, count, plural } from "../data/words.ts";
import { TableBox } from "../frame/table-box.tsx";

/** The dry run: exactly what would start, before it does. */
export function PlanList({ answer }: { answer: RequestAnswer }) {
  const { items, totals, leftAlone, stale, remarks } = answer;
  if (items.length === 0) {
    return (
      <>
        <p class="empty">
          Nothing to start
          {leftAlone > 0 ? `: ${plural(leftAlone, "part")} are done, at work or absent.` : "."}
        </p>
        <StaleParts stale={stale} />
      </>
    );
  }
  return (
    <div class="plan-list">
      <p class="plan-total">
        <b>{plural(totals.parts, "part")}</b>
        {totals.shards === null ? "" : ` · ${plural(totals.shards, "shard")}`}
        {totals.samples === null ? "" : ` · about ${plural(totals.samples, "sample")}`}
        {` · ${bytes(totals.bytes)} to read`}
        {leftAlone > 0 ? <span class="soft"> · {plural(leftAlone, "part")} left alone</span> : null}
      </p>
      <Items items={items} />
      <StaleParts stale={stale} />
      {remarks.map((remark) => (
        <p class="soft" key={remark}>
          {remark}
        </p>
      ))}
    </div>
  );
}

function Items({ items }: Pick<RequestAnswer, "items">) {
  return (
    <TableBox name="Parts that would run">
      <table>
        <thead>
          <tr>
            <th>part</th>
            <th>why</th>
            <th class="number">shards</th>
            <th class="number">samples</th>
            <th class="number">to read</th>
          </tr>
        </thead>
        <tbody>
          {items.slice(0, 300).map(({ label, why, shards, samples, bytes: size }) => (
            <tr key={label}>
              <td>
                <b>{label}</b>
              </td>
              <td class="soft">{why}</td>
              <td class="number">{shards === null ? "?" : count(shards)}</td>
              <td class="number">{samples === null ? "" : count(samples)}</td>
              <td class="number">{bytes(size)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {items.length > 300 ? <p class="soft">and {count(items.length - 300)} more</p> : null}
    </TableBox>
  );
}

/** What a request leaves alone because it is of another source or recipe, and what makes it again. */
function StaleParts({ stale }: Pick<RequestAnswer, "stale">) {
  if (stale.length === 0) return null;
  return (
    <>
      {stale.slice(0, 20).map(({ label, why }) => (
        <p class="soft" key={label}>
          <b>{label}</b> is stale and left alone: {why}
        </p>
      ))}
      <p class="soft">
        {stale.length > 20 ? `and ${count(stale.length - 20)} more. ` : ""}
        "Make stale parts again" on the build's page does what its name says.
      </p>
    </>
  );
}
