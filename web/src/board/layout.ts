// Where everything on the board is, without asking the browser: rows of cells under the heads of their sections.
import type { Section } from "../state/board";

export const HEAD_PX = 52;
export const CAPTION_PX = 46;
export const GAP_PX = 12;

export interface Layout {
  sections: readonly Section[];
  columns: number;
  cellWidth: number;
  rowHeight: number;
  /** Where each section begins; one more: where the last ends. */
  tops: Float64Array;
  /** Rows, heads among them, before each section. */
  rowsBefore: Int32Array;
}

export function lay(sections: readonly Section[], width: number, wanted: number): Layout {
  const columns = Math.max(1, Math.floor((width + GAP_PX) / (wanted + GAP_PX)));
  const cellWidth = (width - GAP_PX * (columns - 1)) / columns;
  const rowHeight = Math.round((cellWidth * 9) / 16) + CAPTION_PX + GAP_PX;
  const tops = new Float64Array(sections.length + 1);
  const rowsBefore = new Int32Array(sections.length + 1);
  sections.forEach((section, index) => {
    const rows = rowsOf(section, columns);
    tops[index + 1] = (tops[index] ?? 0) + HEAD_PX + rows * rowHeight + (rows ? GAP_PX : 0);
    rowsBefore[index + 1] = (rowsBefore[index] ?? 0) + rows + 1;
  });
  return { sections, columns, cellWidth, rowHeight, tops, rowsBefore };
}

export function rowsOf(section: Section, columns: number): number {
  return section.collapsed ? 0 : Math.ceil(section.length / columns);
}

export function heightOf(layout: Layout): number {
  return layout.tops[layout.sections.length] ?? 0;
}

/** The section at a height. */
export function sectionAt(layout: Layout, y: number): number {
  let [low, high] = [0, layout.sections.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((layout.tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

export interface Seen {
  section: number;
  head: boolean;
  /** Rows of cells, the last not included. */
  from: number;
  to: number;
}

/** What of each section lies between two heights. */
export function seen(layout: Layout, top: number, bottom: number): Seen[] {
  const found: Seen[] = [];
  for (let index = sectionAt(layout, top); index < layout.sections.length; index += 1) {
    const start = layout.tops[index] ?? 0;
    if (start >= bottom) break;
    const section = layout.sections[index];
    if (!section) break;
    const rows = rowsOf(section, layout.columns);
    const first = start + HEAD_PX;
    const from = Math.max(0, Math.floor((top - first) / layout.rowHeight));
    const to = Math.min(rows, Math.ceil((bottom - first) / layout.rowHeight));
    found.push({ section: index, head: first > top, from: Math.min(from, rows), to: Math.max(to, Math.min(from, rows)) });
  }
  return found;
}

/** A place on the board: a cell of a section, or with index -1 its head. */
export interface Place {
  section: number;
  index: number;
}

/** Top and bottom of a place. */
export function spanOf(layout: Layout, place: Place): [number, number] {
  const top = layout.tops[place.section] ?? 0;
  if (place.index < 0) return [top, top + HEAD_PX];
  const row = top + HEAD_PX + Math.floor(place.index / layout.columns) * layout.rowHeight;
  return [row, row + layout.rowHeight];
}

/** Where a key leads from a place; null where it leads nowhere. */
export function step(layout: Layout, { section, index }: Place, key: string, page: number): Place | null {
  const here = layout.sections[section];
  if (!here) return null;
  const { columns } = layout;
  const cells = here.collapsed ? 0 : here.length;
  const before = (): Place | null => {
    const above = layout.sections[section - 1];
    if (!above) return null;
    return { section: section - 1, index: above.collapsed ? -1 : above.length - 1 };
  };
  const after = (): Place | null => (section + 1 < layout.sections.length ? { section: section + 1, index: -1 } : null);
  switch (key) {
    case "ArrowRight":
      return index + 1 < cells ? { section, index: index + 1 } : after();
    case "ArrowLeft":
      return index >= 0 ? { section, index: index - 1 } : before();
    case "ArrowDown":
      if (index < 0) return cells ? { section, index: 0 } : after();
      if (index + columns < cells) return { section, index: index + columns };
      return Math.floor(index / columns) < Math.floor((cells - 1) / columns) ? { section, index: cells - 1 } : after();
    case "ArrowUp":
      if (index < 0) return before();
      return { section, index: index >= columns ? index - columns : -1 };
    case "Home":
      return { section: 0, index: -1 };
    case "End": {
      const last = layout.sections.length - 1;
      const end = layout.sections[last];
      return end ? { section: last, index: end.collapsed ? -1 : end.length - 1 } : null;
    }
    case "PageDown":
    case "PageUp": {
      const [top, bottom] = spanOf(layout, { section, index });
      const y = key === "PageDown" ? Math.min(bottom - 1 + page, heightOf(layout) - 1) : Math.max(0, top - page);
      return placeAt(layout, y, Math.max(0, index) % columns);
    }
    default:
      return null;
  }
}

function placeAt(layout: Layout, y: number, column: number): Place | null {
  const number = sectionAt(layout, y);
  const section = layout.sections[number];
  if (!section) return null;
  const row = Math.floor((y - (layout.tops[number] ?? 0) - HEAD_PX) / layout.rowHeight);
  const cells = section.collapsed ? 0 : section.length;
  if (row < 0 || !cells) return { section: number, index: -1 };
  return { section: number, index: Math.min(row * layout.columns + column, cells - 1) };
}
