import { codes, partStates } from "@shardmill/core";
import type { Console } from "../context/console.ts";
import { cutTo, widthOf } from "../text/columns.ts";
import { bytesText, countText, durationText } from "../text/format.ts";
import type { BuildView, RunningShard } from "./build-model.ts";
import { stateSigns } from "./state-text.ts";

type Paint = Console["paint"];

const smallestBar = 8;

/** The screen of a running build as lines, none wider than the terminal. Pure: same view, same lines. */
export function renderBuild(view: BuildView, columns: number, rows: number, paint: Paint): string[] {
  const head = [titleLine(view, paint), wholeLine(view, columns, paint), paceLine(view, columns)];
  const books = booksLine(view, columns);
  const grid = view.asked.length > 1 ? gridLines(view, columns, paint) : [];
  const reasons = failureLine(view, paint);
  const fixed = head.length + 1 + grid.length + (reasons === null ? 0 : 1);
  const room = Math.max(1, rows - fixed - 2);
  const parts = partLines(view, columns, paint);
  const shown =
    parts.length > room
      ? [...parts.slice(0, room - 1), paint("dim", `  and ${parts.length - room + 1} more`)]
      : parts;
  return [...head, books, ...(reasons === null ? [] : [reasons]), ...grid, ...shown].map((line) =>
    cutTo(line, columns),
  );
}

function titleLine({ status, phase, elapsedSeconds }: BuildView, paint: Paint): string {
  const state = phase === "building" ? phase : paint("yellow", phase);
  return `${paint("bold", status.dataset)}  ${state} from ${status.source.name}, ${durationText(elapsedSeconds)}`;
}

function wholeLine({ members, asked }: BuildView, columns: number, paint: Paint): string {
  const done = asked.filter((part) => part.state === "done").length;
  const share = members.of === null || members.of === 0 ? partShare(asked) : members.done / members.of;
  const of = members.of === null ? "" : `/${countText(members.of)}`;
  const text = fitting(
    [percent(share), `parts ${done}/${asked.length}`, `members ${countText(members.done)}${of}`],
    columns - smallestBar - 3,
  );
  const width = Math.max(smallestBar, Math.min(40, columns - widthOf(text) - 3));
  return `${bar(share, width, paint)} ${text}`;
}

/** Until every part has been planned, progress is counted in parts. */
function partShare(asked: BuildView["asked"]): number {
  const share = asked.map(({ state, shards }) =>
    state === "done" ? 1 : shards.total === null || shards.total === 0 ? 0 : shards.done / shards.total,
  );
  return asked.length === 0 ? 0 : share.reduce((sum, one) => sum + one, 0) / asked.length;
}

/** The end first: on a narrow terminal it matters more than the pace. */
function paceLine({ perSecond, eta }: BuildView, columns: number): string {
  const hasSpread = eta !== null && eta.toSeconds > eta.fromSeconds * 1.25;
  const pieces = [
    eta === null ? "ETA when the pace is known" : `ETA ${durationText(eta.seconds)}`,
    ...(hasSpread ? [`(${durationText(eta.fromSeconds)} to ${durationText(eta.toSeconds)})`] : []),
    `${perSecond.samples.toFixed(1)} samples/s`,
    `${bytesText(perSecond.bytes)}/s in`,
    `${perSecond.frames.toFixed(0)} frames/s`,
  ];
  return fitting(pieces, columns);
}

/** As many of the pieces as there is room for, the first ones first. */
function fitting(pieces: readonly string[], columns: number): string {
  let line = pieces[0] ?? "";
  for (const piece of pieces.slice(1)) {
    if (widthOf(line) + 2 + widthOf(piece) > columns) break;
    line = `${line}  ${piece}`;
  }
  return line;
}

function booksLine({ asked }: BuildView, columns: number): string {
  const sum = (of: (part: BuildView["asked"][number]) => number): string =>
    countText(asked.reduce((total, part) => total + of(part), 0));
  const counts = `${sum((p) => p.packed)} packed, ${sum((p) => p.failed)} failed, ${sum((p) => p.skipped)} skipped`;
  const shards = `in ${sum((p) => p.shards.done)} shards, ${bytesText(asked.reduce((total, part) => total + part.shardBytes, 0))}`;
  const whole = `committed: ${counts} ${shards}`;
  return widthOf(whole) <= columns ? whole : counts;
}

function failureLine({ asked }: BuildView, paint: Paint): string | null {
  const counts = new Map<string, number>();
  for (const part of asked)
    for (const [code, count] of Object.entries(part.byCode))
      counts.set(code, (counts.get(code) ?? 0) + count);
  if (counts.size === 0) return null;
  const words = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => {
      const style = code in codes && codes[code as keyof typeof codes].kind === "failed" ? "red" : "yellow";
      return `${paint(style, code)} ${countText(count)}`;
    });
  return `left out: ${words.join(", ")}`;
}

/** One sign per part: the grid of the page, in a terminal. */
function gridLines({ asked }: BuildView, columns: number, paint: Paint): string[] {
  const width = Math.max(1, Math.min(asked.length, columns - 2));
  const lines: string[] = [];
  for (let from = 0; from < asked.length; from += width) {
    const signs = asked
      .slice(from, from + width)
      .map(({ state }) => paint(stateSigns[state].style, stateSigns[state].sign));
    lines.push(`  ${signs.join("")}`);
  }
  return [...lines, legendLine(asked, columns, paint)];
}

/** What the signs mean, with how many there are of each. */
function legendLine(asked: BuildView["asked"], columns: number, paint: Paint): string {
  const legend = partStates.flatMap((state) => {
    const count = asked.filter((part) => part.state === state).length;
    return count === 0 ? [] : [`${stateSigns[state].sign} ${countText(count)} ${state}`];
  });
  return paint("dim", `  ${fitting(legend, columns - 2)}`);
}

function partLines({ running, planning }: BuildView, columns: number, paint: Paint): string[] {
  const shards = running
    .toSorted((a, b) => (a.shard < b.shard ? -1 : 1))
    .map((shard) => shardLine(shard, columns, paint));
  const plans = planning.map(({ label, step, done, of }) => {
    const share =
      done !== null && of !== null && of > 0
        ? `${bar(done / of, 12, paint)} ${bytesText(done)} of ${bytesText(of)}`
        : "";
    return `  ${label}  ${paint("cyan", step)} ${share}`;
  });
  return [...shards, ...plans];
}

function shardLine(
  { shard, done, of, packed, failed, worker }: RunningShard,
  columns: number,
  paint: Paint,
): string {
  const figures = of === null ? `${countText(done)} members` : `${countText(done)}/${countText(of)}`;
  const failures = failed === 0 ? "" : paint("red", `  ${failed} failed`);
  const who = columns >= 110 ? paint("dim", `  ${worker}`) : "";
  // On a narrow terminal the part and the range are name enough, and the figures matter more than a bar.
  if (columns < 70) return `  ${shard.split("-").slice(-2).join("-")}  ${figures}${failures}`;
  const line = of === null ? "" : `${bar(done / Math.max(1, of), columns >= 100 ? 20 : 10, paint)} `;
  return `  ${shard}  ${line}${figures}  ${countText(packed)} packed${failures}${who}`;
}

function bar(share: number, width: number, paint: Paint): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `[${paint("green", "=".repeat(full))}${" ".repeat(width - full)}]`;
}

function percent(share: number): string {
  return `${Math.floor(share * 100)}%`.padStart(4);
}
