import type { BuildDetail, Builds } from "@shardmill/api/contract";
import { useState } from "preact/hooks";
import { type Sheet, sheetsOf } from "../build/differences.ts";
import { useAnswer } from "../data/use-answer.ts";
import { Notice, ProblemNote, Skeleton } from "../frame/notice.tsx";
import { TableBox } from "../frame/table-box.tsx";
import { to } from "../route.ts";

/** Two builds side by side; which ones is in the address. */
export function ComparePage({ datasets }: { datasets: readonly [string, string] }) {
  const { data, problem, again } = useAnswer<Builds>("/api/builds");
  if (data === null)
    return problem === null ? <Skeleton lines={6} /> : <ProblemNote problem={problem} again={again} />;
  const names = data.builds.map(({ dataset }) => dataset);
  if (names.length < 2) {
    return (
      <Notice
        title="Two builds side by side"
        text="There are not two builds in the output folder."
        link={{ href: to.overview, text: "All builds" }}
      />
    );
  }
  const one = names.includes(datasets[0]) ? datasets[0] : (names[0] ?? "");
  const other = names.includes(datasets[1]) ? datasets[1] : (names.find((name) => name !== one) ?? "");
  return (
    <>
      <h1>Two builds side by side</h1>
      <form class="finder" onSubmit={(event) => event.preventDefault()}>
        <Choice label="One" names={names} chosen={one} go={(name) => to.compare(name, other)} />
        <Choice label="The other" names={names} chosen={other} go={(name) => to.compare(one, name)} />
      </form>
      <Sheets key={`${one}/${other}`} one={one} other={other} />
    </>
  );
}

function Choice(props: {
  label: string;
  names: readonly string[];
  chosen: string;
  go: (name: string) => string;
}) {
  const { label, names, chosen, go } = props;
  return (
    <label>
      {label}
      <select
        value={chosen}
        onChange={({ currentTarget: { value } }) => {
          location.hash = go(value);
        }}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Sheets({ one, other }: { one: string; other: string }) {
  const [isAll, setAll] = useState(false);
  const first = useAnswer<BuildDetail>(`/api/builds/${one}`, one);
  const second = useAnswer<BuildDetail>(`/api/builds/${other}`, other);
  const problem = first.problem ?? second.problem;
  if (problem !== null) return <ProblemNote problem={problem} again={first.again} />;
  if (first.data === null || second.data === null) return <Skeleton lines={8} />;
  const sheets = sheetsOf(first.data, second.data);
  return (
    <>
      <label class="tick">
        <input type="checkbox" checked={isAll} onChange={() => setAll(!isAll)} /> Also what is the same in
        both
      </label>
      {sheets.map((sheet) => (
        <SheetCard key={sheet.title} sheet={sheet} names={[one, other]} isAll={isAll} />
      ))}
    </>
  );
}

function SheetCard(props: { sheet: Sheet; names: readonly [string, string]; isAll: boolean }) {
  const { sheet, names, isAll } = props;
  const rows = sheet.rows.filter((row) => isAll || row.one !== row.other);
  return (
    <section class="card">
      <h2>{sheet.title}</h2>
      {rows.length === 0 ? (
        <p class="empty">The same in both.</p>
      ) : (
        <TableBox name={sheet.title}>
          <table class="compare">
            <thead>
              <tr>
                <th />
                {names.map((name) => (
                  <th key={name}>
                    <a href={to.build(name)}>{name}</a>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, one, other }) => (
                <tr key={name} class={one === other ? "soft" : ""}>
                  <th scope="row">{name}</th>
                  <td dir="auto">{one ?? "–"}</td>
                  <td dir="auto">{other ?? "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
    </section>
  );
}
