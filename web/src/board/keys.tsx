// What keys do with the take that has the focus, and the same as a menu.
import { signal } from "@preact/signals";
import { Menu, type MenuItem } from "../ui/Menu";
import { act, can, picking, viewing } from "../state/actions";
import { letters } from "../state/look";
import type { Layout, Place } from "./layout";
import type { TakeAction } from "../contract";
import type { Task } from "../wire";

export const ACTIONS: readonly { action: TakeAction; key: string; label: (task: Task) => string }[] = [
  { action: "cancel", key: "x", label: () => "Cancel" },
  { action: "again", key: "a", label: () => "Again, with changes" },
  { action: "same-seed", key: "s", label: () => "Same seed elsewhere" },
  { action: "promote", key: "r", label: () => "Promote" },
  { action: "camera", key: "m", label: () => "Move a camera over it" },
  { action: "favourite", key: "f", label: (task) => (task.favourite ? "No favourite any more" : "Favourite") },
  { action: "circle", key: "c", label: (task) => (task.circled ? "Circle no longer" : "Circle") },
  { action: "download", key: "d", label: () => "Download" },
  { action: "link", key: "l", label: () => "Copy link" },
  { action: "delete", key: "Delete", label: () => "Delete" },
];

/** Rises when the board is to have the focus. */
export const focusOn = signal(0);
const menu = signal<{ task: Task; at: { x: number; y: number } } | null>(null);

export function focusPlace(layout: Layout, { section, index }: Place): { section: string; id: string | null; index: number } {
  const here = layout.sections[section];
  return { section: here?.key ?? "", id: index < 0 ? null : (here?.feed.idAt(index) ?? null), index };
}

/** Does what the key says; whether it says anything. */
export function gridKeys(event: KeyboardEvent, task: Task, section: string): boolean {
  if (event.key === "Enter" || event.key === " ") {
    if (picking.value) picking.value.choose(task);
    else viewing.value = { section, id: task.task_id };
    return true;
  }
  if (event.key === "ContextMenu" || event.key === "." || (event.key === "F10" && event.shiftKey)) {
    const box = (event.target as Element).getBoundingClientRect();
    openMenu(task, { x: box.left + 16, y: box.top + 16 });
    return true;
  }
  const key = event.key === "Backspace" ? "Delete" : event.key;
  const found = ACTIONS.find((one) => one.key === key);
  if (!found || (key.length === 1 && !letters.value)) return false;
  act(found.action, task);
  return true;
}

export function openMenu(task: Task, at: { x: number; y: number }): void {
  menu.value = { task, at };
}

export function TakeMenu() {
  const open = menu.value;
  if (!open) return null;
  const { task, at } = open;
  const items: MenuItem[] = ACTIONS.filter(({ action }) => can(action, task)).map(({ action, key, label }) => ({
    label: label(task), keys: key === "Delete" ? "Del" : key, danger: action === "delete", onChoose: () => act(action, task),
  }));
  return (
    <section aria-label="Menu of a take">
      <Menu key={task.task_id} label="What to do with the take" items={items} at={at} onClose={() => (menu.value = null)} />
    </section>
  );
}
