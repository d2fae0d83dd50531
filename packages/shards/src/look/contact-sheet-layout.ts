/** Where things stand on a contact sheet; all in pixels. */
export interface SheetLayout {
  readonly columns: number;
  readonly rows: number;
  /** Side of a frame. */
  readonly cell: number;
  readonly width: number;
  readonly height: number;
  /** Top of the first row of frames. */
  readonly gridTop: number;
  /** Left edge of the first column. */
  readonly gridLeft: number;
}

export const sheetMargin = 28;
export const cellGap = 10;
export const labelHeight = 24;
export const titleSize = 20;
export const captionSize = 14;
export const captionLine = 21;
const smallestWidth = 720;

/** The frames' grid is somewhat wider than high and has as few empty places as can be; frames that go together share a row. */
export function sheetColumns(count: number, together = 1): number {
  return Math.ceil(columnsFor(count) / together) * together;
}

function columnsFor(count: number): number {
  if (count <= 5) return Math.max(1, count);
  const fewest = Math.ceil(Math.sqrt(count));
  const most = Math.ceil(Math.sqrt(count * 1.7));
  let best = fewest;
  for (let columns = fewest; columns <= most; columns += 1) {
    if (emptyPlaces(count, columns) <= emptyPlaces(count, best)) best = columns;
  }
  return best;
}

function emptyPlaces(count: number, columns: number): number {
  return Math.ceil(count / columns) * columns - count;
}

function cellSize(count: number): number {
  if (count <= 10) return 224;
  return count <= 24 ? 192 : 160;
}

export function sheetWidth(count: number, together: number): number {
  const columns = sheetColumns(count, together);
  return Math.max(smallestWidth, 2 * sheetMargin + columns * cellSize(count) + (columns - 1) * cellGap);
}

export function sheetLayout(count: number, captionLines: number, together: number): SheetLayout {
  const columns = sheetColumns(count, together);
  const cell = cellSize(count);
  const rows = Math.ceil(count / columns);
  const caption = captionLines === 0 ? 0 : 10 + captionLines * captionLine;
  const gridTop = sheetMargin + titleSize + caption + 22;
  return {
    columns,
    rows,
    cell,
    width: sheetWidth(count, together),
    height: gridTop + rows * (cell + labelHeight) + Math.max(0, rows - 1) * cellGap + sheetMargin - 8,
    gridTop,
    gridLeft: sheetMargin,
  };
}
