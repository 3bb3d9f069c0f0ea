// The board: a grid of takes under the heads of their shots. Only what is in sight is drawn; one place has the focus, and
// keeps it whatever comes, goes or moves.
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Empty } from "./Empty";
import { HeadRow, Row } from "./Row";
import { heightOf, HEAD_PX, lay, seen, spanOf, step, type Layout, type Place } from "./layout";
import { focusOn, focusPlace, gridKeys, openMenu } from "./keys";
import { keepOnly, looked, moreShots, sections, toggle, wantShots } from "../state/board";
import { picking, viewing } from "../state/actions";
import { counts, taskNow } from "../state/store";
import { boardFocus, cellSize } from "../state/look";

const OVER_PX = 300;
const STEP_PX = 100;
const LOOK_MS = 60;

export function Board() {
  const pane = useRef<HTMLDivElement>(null);
  /** How far it is scrolled, in steps within what is drawn beyond its edges: between them nothing has to be drawn. */
  const top = useSignal(0);
  const scrolled = (to: number) => (top.value = Math.floor(to / STEP_PX) * STEP_PX);
  const size = useSignal({ width: 0, height: 0 });
  const hadFocus = useRef(false);

  useLayoutEffect(() => {
    const box = pane.current;
    if (!box) return;
    const measure = () => {
      const style = getComputedStyle(box);
      const width = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (width !== size.peek().width || box.clientHeight !== size.peek().height) size.value = { width, height: box.clientHeight };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const { width, height } = size.value;
  const layout = useComputed(() => lay(sections(), Math.max(size.value.width, 120), cellSize.value)).value;
  const whole = heightOf(layout);
  const from = Math.min(top.value, Math.max(0, whole - height)) - OVER_PX;
  const visible = width ? seen(layout, from, from + height + 2 * OVER_PX) : [];
  const place = placeOf(layout, boardFocus.value);

  // what is in sight is read, and what is far away is let go: not at every step of a scroll, but often
  const reading = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const look = useRef<() => void>(() => undefined);
  look.current = () => {
    reading.current = undefined;
    const near = new Set([viewing.peek()?.section ?? "", boardFocus.peek().section]);
    for (const part of seen(layout, from - 2 * height, from + 3 * height)) near.add(layout.sections[part.section]?.key ?? "");
    for (const { section: number, from: first, to: last } of visible) {
      const section = layout.sections[number];
      if (section && !section.collapsed && last > first) looked(section).want(first * layout.columns, last * layout.columns);
    }
    keepOnly(near);
    if (moreShots() && from + height * 3 > whole) wantShots();
  };
  useEffect(() => {
    reading.current ??= setTimeout(() => look.current(), LOOK_MS);
  });
  useEffect(() => () => clearTimeout(reading.current), []);

  // focus that was on the board stays on it: on its take, wherever that is now, or on what has come in its place
  useLayoutEffect(() => {
    const box = pane.current;
    if (!box || !hadFocus.current) return;
    const active = document.activeElement;
    if (active && active !== document.body && !box.contains(active)) return;
    const cell = box.querySelector<HTMLElement>(`[data-place="${place.section}:${place.index}"]`);
    if (cell && cell !== active) cell.focus({ preventScroll: true });
  });

  useSignalEffect(() => {
    if (focusOn.value === 0) return;
    const box = pane.current;
    if (!box) return;
    hadFocus.current = true;
    requestAnimationFrame(() => box.querySelector<HTMLElement>('[tabindex="0"]')?.focus());
  });

  const go = (to: Place) => {
    const box = pane.current;
    if (!box) return;
    boardFocus.value = focusPlace(layout, to);
    const [above, below] = spanOf(layout, to);
    if (above < box.scrollTop + HEAD_PX) box.scrollTop = above - (to.index >= 0 ? HEAD_PX : 0);
    else if (below > box.scrollTop + box.clientHeight) box.scrollTop = below - box.clientHeight;
    scrolled(box.scrollTop);
    hadFocus.current = true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = step(layout, place, event.key, height - HEAD_PX);
    if (to) {
      event.preventDefault();
      go(to);
      return;
    }
    const section = layout.sections[place.section];
    if (!section) return;
    if (place.index < 0) {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      toggle(section.key);
    } else {
      const id = section.feed.idAt(place.index);
      const task = id === undefined ? undefined : taskNow(id);
      if (task && gridKeys(event, task, section.key)) event.preventDefault();
    }
  };

  const placeFrom = (event: Event): Place | null => {
    const found = (event.target as Element).closest("[data-place]")?.getAttribute("data-place")?.split(":").map(Number);
    return found?.length === 2 ? { section: found[0] as number, index: found[1] as number } : null;
  };

  const onClick = (event: MouseEvent) => {
    const to = placeFrom(event);
    const section = to && layout.sections[to.section];
    if (!to || !section) return;
    boardFocus.value = focusPlace(layout, to);
    if (to.index < 0) return toggle(section.key);
    const id = section.feed.idAt(to.index);
    const task = id === undefined ? undefined : taskNow(id);
    if (!task) return;
    if (picking.value) picking.value.choose(task);
    else if ((event.target as Element).closest(".more")) openMenu(task, { x: event.clientX, y: event.clientY });
    else viewing.value = { section: section.key, id: task.task_id };
  };

  const onContextMenu = (event: MouseEvent) => {
    const to = placeFrom(event);
    const id = to && to.index >= 0 ? layout.sections[to.section]?.feed.idAt(to.index) : undefined;
    const task = id === undefined ? undefined : taskNow(id);
    if (!to || !task) return;
    event.preventDefault();
    boardFocus.value = focusPlace(layout, to);
    openMenu(task, { x: event.clientX, y: event.clientY });
  };

  return (
    <div
      ref={pane}
      class="board"
      onScroll={(event) => scrolled(event.currentTarget.scrollTop)}
      onFocusIn={(event) => {
        hadFocus.current = true;
        const at = placeFrom(event);
        if (at && (at.section !== place.section || at.index !== place.index)) boardFocus.value = focusPlace(layout, at);
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget) hadFocus.current = false;
      }}
    >
      {whole > 0 && counts.value.all + layout.sections.length > 0 ? (
        <div
          role="grid"
          aria-label="Takes"
          aria-rowcount={layout.rowsBefore[layout.sections.length] ?? 0}
          aria-colcount={layout.columns}
          style={{ height: `${whole}px` }}
          class="takes"
          onKeyDown={onKeyDown}
          onClick={onClick}
          onContextMenu={onContextMenu}
        >
          {rows(layout, withFocus(layout, visible, place), place)}
        </div>
      ) : null}
      <Empty />
    </div>
  );
}

/** Where what has the focus is now. */
function placeOf(layout: Layout, focus: { section: string; id: string | null; index: number }): Place {
  const number = layout.sections.findIndex((section) => section.key === focus.section);
  const section = layout.sections[number];
  if (!section) return { section: 0, index: layout.sections[0] && !layout.sections[0].collapsed && layout.sections[0].length ? 0 : -1 };
  if (section.collapsed || focus.index < 0) return { section: number, index: -1 };
  const found = focus.id === null ? -1 : section.feed.indexOf(focus.id);
  return { section: number, index: found >= 0 ? found : Math.min(focus.index, section.length - 1) };
}

/** The row that has the focus is drawn wherever it is. */
function withFocus(layout: Layout, visible: ReturnType<typeof seen>, place: Place): ReturnType<typeof seen> {
  const row = Math.floor(place.index / layout.columns);
  const has = visible.some((part) => part.section === place.section && (place.index < 0 ? part.head : row >= part.from && row < part.to));
  if (has || !layout.sections[place.section]) return visible;
  return [...visible, { section: place.section, head: place.index < 0, from: Math.max(0, row), to: place.index < 0 ? 0 : row + 1 }];
}

function rows(layout: Layout, visible: ReturnType<typeof seen>, place: Place) {
  return visible.flatMap((part) => {
    const section = layout.sections[part.section];
    if (!section) return [];
    const here = place.section === part.section;
    const found = [];
    if (part.head) {
      found.push(<HeadRow key={`${section.key} head`} layout={layout} section={part.section} focused={here && place.index < 0} />);
    }
    for (let row = part.from; row < part.to; row += 1) {
      const focused = here && Math.floor(place.index / layout.columns) === row ? place.index : -1;
      found.push(<Row key={`${section.key} ${row}`} layout={layout} section={part.section} row={row} focused={focused} />);
    }
    return found;
  });
}
