import type { Part } from "@shardmill/api/contract";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { to } from "../route.ts";
import { PartCard } from "./part-card.tsx";
import type { Selection } from "./part-selection.tsx";
import { stateLook } from "./state-look.ts";

const cellPx = 29;
const labelPx = 62;

interface Row {
  readonly name: string;
  readonly parts: readonly Part[];
}

/**
 * Every part as one cell. One cell is in the order of Tab; arrows move from cell to cell, Home and End to the ends of a
 * row, Enter opens the part, the space bar marks it. What the pointer or the focus is on is told by a card.
 */
export function PartGrid({
  dataset,
  parts,
  isByNumber,
  selection,
}: {
  dataset: string;
  parts: readonly Part[];
  /** Else the rows have no numbers, since none would be true. */
  isByNumber: boolean;
  selection: Selection;
}) {
  const box = useRef<HTMLDivElement>(null);
  const columns = useColumns(box);
  const rows = useMemo(() => rowsOf(parts, columns, isByNumber), [parts, columns, isByNumber]);
  const [focused, setFocused] = useState<string | null>(null);
  const [pointed, setPointed] = useState<{ label: string; x: number; y: number } | null>(null);
  const entry = parts.some(({ label }) => label === focused) ? focused : (parts[0]?.label ?? null);
  const part = pointed === null ? undefined : parts.find(({ label }) => label === pointed.label);

  const point = (target: HTMLElement, label: string): void => {
    const cell = target.getBoundingClientRect();
    const frame = box.current?.getBoundingClientRect();
    if (frame !== undefined)
      setPointed({ label, x: cell.left - frame.left + cell.width / 2, y: cell.bottom - frame.top });
  };
  const onKey = (event: KeyboardEvent, row: number, column: number): void => {
    if (event.key === " ") {
      event.preventDefault();
      const here = rows[row]?.parts[column];
      if (here !== undefined) selection.mark(here.label, event.shiftKey);
      return;
    }
    if (event.key === "Escape") setPointed(null);
    const next = step(rows, row, column, event.key);
    if (next === null) return;
    event.preventDefault();
    box.current?.querySelector<HTMLElement>(`[data-label="${next.label}"]`)?.focus();
  };

  return (
    <div class="grid-box" ref={box} onPointerLeave={() => setPointed(null)}>
      <nav class="part-grid" aria-label="Parts by state">
        {rows.map(({ name, parts: cells }, row) => (
          <div class="grid-row" key={cells[0]?.label ?? name}>
            <span class="row-name" title={name}>
              {name}
            </span>
            {cells.map((cell, column) => (
              <a
                key={cell.label}
                href={to.part(dataset, cell.label)}
                data-label={cell.label}
                data-state={cell.state}
                class={`cell ${cell.state}${selection.labels.has(cell.label) ? " marked" : ""}`}
                onClick={(event) => {
                  if (!event.ctrlKey && !event.metaKey && !event.shiftKey) return;
                  event.preventDefault();
                  selection.mark(cell.label, event.shiftKey);
                }}
                style={fillOf(cell)}
                tabIndex={cell.label === entry ? 0 : -1}
                onPointerEnter={(event) => point(event.currentTarget, cell.label)}
                onFocus={(event) => {
                  setFocused(cell.label);
                  point(event.currentTarget, cell.label);
                }}
                onBlur={() => setPointed(null)}
                onKeyDown={(event) => onKey(event, row, column)}
              >
                <span aria-hidden="true">{stateLook[cell.state].sign}</span>
                <span class="unseen">{`${cell.label}, ${cell.state}${selection.labels.has(cell.label) ? ", marked" : ""}`}</span>
              </a>
            ))}
          </div>
        ))}
      </nav>
      {part === undefined || pointed === null ? null : (
        <PartCard part={part} x={pointed.x} y={pointed.y} width={box.current?.clientWidth ?? 0} />
      )}
    </div>
  );
}

/** How far a part has come shows in its cell while it is under way. */
function fillOf({ state, shards }: Part): Record<string, string> {
  if ((state !== "running" && state !== "partial") || shards.total === null || shards.total === 0) return {};
  return { "--share": `${Math.round((100 * shards.done) / shards.total)}%` };
}

function useColumns(box: { current: HTMLDivElement | null }): number {
  const [columns, setColumns] = useState(20);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => {
      const room = element.clientWidth - labelPx;
      const fits = Math.max(4, Math.floor(room / cellPx));
      // Whole tens are easier to count along; what is left over makes the cells larger.
      const chosen = fits >= 20 ? fits - (fits % 10) : fits;
      element.style.setProperty("--cell", `${Math.min(36, Math.floor(room / chosen) - 4)}px`);
      setColumns(chosen);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [box]);
  return columns;
}

/** Rows of one length; a subset begins a row of its own and gives it its name. */
function rowsOf(parts: readonly Part[], columns: number, isByNumber: boolean): Row[] {
  const bySubset = new Map<string | null, Part[]>();
  for (const part of parts) {
    const subset = isByNumber ? part.subset : null;
    const own = bySubset.get(subset) ?? [];
    own.push(part);
    bySubset.set(subset, own);
  }
  return [...bySubset].flatMap(([subset, own]) => {
    const rows: Row[] = [];
    for (let at = 0; at < own.length; at += columns) {
      const cells = own.slice(at, at + columns);
      rows.push({
        name: nameOfRow(subset, isByNumber ? (cells[0]?.part ?? null) : null, at === 0),
        parts: cells,
      });
    }
    return rows;
  });
}

function nameOfRow(subset: string | null, number: number | null, isFirst: boolean): string {
  if (subset !== null) return isFirst ? subset : "";
  return number === null ? "" : String(number);
}

function step(rows: readonly Row[], row: number, column: number, key: string): Part | null {
  const here = rows[row]?.parts ?? [];
  const flat = rows.flatMap(({ parts }) => parts);
  const at = flat.indexOf(here[column] as Part);
  const inRow = (other: number): Part | null => {
    const parts = rows[other]?.parts;
    return parts?.[Math.min(column, parts.length - 1)] ?? null;
  };
  switch (key) {
    case "ArrowRight":
      return flat[at + 1] ?? null;
    case "ArrowLeft":
      return flat[at - 1] ?? null;
    case "ArrowDown":
      return inRow(row + 1);
    case "ArrowUp":
      return inRow(row - 1);
    case "Home":
      return here[0] ?? null;
    case "End":
      return here.at(-1) ?? null;
    default:
      return null;
  }
}
