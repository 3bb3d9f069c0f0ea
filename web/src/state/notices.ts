// What is said to the person: endings aloud, the rest as toasts; and the system's own notices, where they were asked for.
import { signal } from "@preact/signals";
import { mainOf, titleOf, words } from "./tasks";
import type { Task } from "../wire";

export interface Toast {
  id: number;
  text: string;
  kind: "plain" | "problem";
  undo?: (() => void) | undefined;
  /** What happens when it goes without having been undone. */
  done?: (() => void) | undefined;
  ends: number;
}

const TOAST_MS = 6_000;
const UNDO_MS = 8_000;
const MOST_TOASTS = 4;
/** A take that took so long was not waited for. */
const LONG_MS = 10_000;

export const toasts = signal<readonly Toast[]>([]);
/** What a screen reader says: endings, and nothing else. */
export const spoken = signal("");
export const noticesOn = signal(false);
/** Endings that nobody has looked at: shown in the title. */
const unseen = signal(0);

const timers = new Map<number, ReturnType<typeof setTimeout>>();
let numbers = 0;

export function toast(text: string, options: { kind?: Toast["kind"]; undo?: () => void; done?: () => void } = {}): number {
  const id = ++numbers;
  const lasts = options.undo ? UNDO_MS : TOAST_MS;
  const { kind = "plain", undo, done } = options;
  toasts.value = [...toasts.value, { id, text, kind, undo, done, ends: Date.now() + lasts }];
  timers.set(id, setTimeout(() => dismiss(id), lasts));
  const plain = toasts.value.filter((known) => !known.undo);
  if (plain.length > MOST_TOASTS && plain[0]) dismiss(plain[0].id);
  return id;
}

export function problem(text: string): void {
  if (!toasts.value.some((known) => known.kind === "problem" && known.text === text)) toast(text, { kind: "problem" });
}

/** It goes; what it stood for happens. */
export function dismiss(id: number): void {
  const gone = remove(id);
  gone?.done?.();
}

export function undo(id: number): void {
  const gone = remove(id);
  gone?.undo?.();
}

export function undoLast(): boolean {
  const last = toasts.value.findLast((known) => known.undo);
  if (last) undo(last.id);
  return Boolean(last);
}

/** What can still be undone is dropped, as if it had been. */
export function dropUndoable(): void {
  for (const known of toasts.value.filter((one) => one.undo)) undo(known.id);
}

function remove(id: number): Toast | undefined {
  const gone = toasts.value.find((known) => known.id === id);
  clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.value = toasts.value.filter((known) => known.id !== id);
  return gone;
}

let saying: string[] = [];
let speaking: ReturnType<typeof setTimeout> | undefined;

/** Aloud, once. Many at a time are counted. */
export function say(text: string): void {
  saying.push(text);
  speaking ??= setTimeout(() => {
    spoken.value = saying.length > 3 ? `${saying.length} takes have ended; the last: ${saying.at(-1)}` : saying.join(" ");
    saying = [];
    speaking = undefined;
  }, 400);
}

export function ended(task: Task): void {
  const what = `${titleOf(task).slice(0, 80)}${task.shot ? `, ${task.shot} take ${task.take}` : ""}`;
  const how =
    task.status === "succeeded" ? `Ready: ${what}.` : task.status === "cancelled" ? `Cancelled: ${what}.` : `Failed: ${what}. ${task.error?.message ?? ""}`;
  say(how);
  if (!document.hidden && document.hasFocus()) return;
  unseen.value += 1;
  badge();
  const began = task.started_at ? Date.parse(task.started_at) : Date.now();
  if (!noticesOn.value || Date.now() - began < LONG_MS || task.status === "cancelled") return;
  const made = mainOf(task);
  const options: NotificationOptions = { body: `${words(task.task_type)}, ${task.quality}`, tag: task.task_id };
  if (made && made.kind === "image") options.icon = `${made.url}?width=256`;
  const notice = new Notification(how, options);
  notice.onclick = () => {
    window.focus();
    notice.close();
  };
}

/** Asks the browser, which asks the person; only ever when the person pressed the button for it. */
export async function askForNotices(): Promise<void> {
  if (noticesOn.value) {
    noticesOn.value = false;
  } else if (!("Notification" in window)) {
    problem("This browser shows no notices, or not for pages that come without TLS.");
  } else if ((await Notification.requestPermission()) === "granted") {
    noticesOn.value = true;
  } else {
    problem("The browser was told to show no notices of this page.");
  }
  remember("auteur.notices", noticesOn.value ? "on" : "");
}

export function beginNotices(): void {
  noticesOn.value = recall("auteur.notices") === "on" && "Notification" in window && Notification.permission === "granted";
  const seen = () => {
    if (document.hidden) return;
    unseen.value = 0;
    badge();
  };
  document.addEventListener("visibilitychange", seen);
  addEventListener("focus", seen);
}

let title = "auteur";

export function titled(text: string): void {
  title = text;
  badge();
}

function badge(): void {
  document.title = unseen.value ? `(${unseen.value}) ${title}` : title;
  const device = navigator as { setAppBadge?: (count: number) => Promise<void>; clearAppBadge?: () => Promise<void> };
  void (unseen.value ? device.setAppBadge?.(unseen.value) : device.clearAppBadge?.())?.catch(() => undefined);
}

/** What this browser keeps for the person; a browser that keeps nothing is no fault. */
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // private windows may refuse
  }
}

export function recall(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}
