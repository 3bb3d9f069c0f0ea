// The tasks that the page holds, each in a signal of its own: what changes one draws one. A task is held as long as
// something shows it; what is far away is let go, and read again when it comes near.
import { batch, signal, type Signal } from "@preact/signals";
import { ApiError, ask, inProject } from "./net";
import { ended } from "./notices";
import { after, begun, isOpen } from "./tasks";
import type { Counts, Heard, Page, ProjectState, Task } from "../wire";

interface Held {
  task: Signal<Task>;
  holders: number;
}

/** Where a waiting task stands, as the service tells it when that changes. */
interface Place {
  task_id: string;
  queue_position: number;
  starts_in_s?: number | null;
}

/** What wants to know of tasks that come and go, and of a state that replaces all that was known. */
export interface Listener {
  added(task: Task): void;
  removed(id: string): void;
  replaced(): void;
  marked?(message: Heard): void;
  ended?(task: Task): void;
}

const PAGE_TIMEOUT_MS = 30_000;
const MOST_OPEN = 400;

const held = new Map<string, Held>();
const listeners = new Set<Listener>();
export const openIds = signal<readonly string[]>([]);
export const counts = signal({ open: 0, all: 0 });
/** Rises when what the board is laid out by has changed. */
export const laidOut = signal(0);
/** Tasks that go as soon as nobody can undo it any more. */
export const leaving = signal<ReadonlySet<string>>(new Set());

export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function heldCount(): number {
  return held.size;
}

export function taskSignal(id: string): Signal<Task> | undefined {
  return held.get(id)?.task;
}

export function taskNow(id: string): Task | undefined {
  return held.get(id)?.task.peek();
}

/** Holds a task that was read. What is here already is newer. */
export function hold(task: Task): void {
  const known = held.get(task.task_id);
  if (known) known.holders += 1;
  else held.set(task.task_id, { task: signal(task), holders: 1 });
}

export function release(id: string): void {
  const known = held.get(id);
  if (known && --known.holders <= 0) held.delete(id);
}

// What is heard while a page is on its way is told to its tasks when they are here.
let fetching = 0;
let journal: Heard[] = [];

/** Reads tasks as they are now, also if they changed while they were on their way. */
export function readTasks(project: string, query: URLSearchParams): Promise<Page> {
  return journaled(async (since) => {
    const page = await ask<Page>(inProject(project, `/tasks?${query}`), { signal: AbortSignal.timeout(PAGE_TIMEOUT_MS) });
    const gone = new Set(since().filter((one) => one.type === "task_deleted").map((one) => one.task_id));
    const tasks = page.tasks.filter((task) => !gone.has(task.task_id)).map((task) => since().reduce(told, task));
    return { ...page, tasks };
  });
}

/** One of them; null where it is no more. */
export function readTask(project: string, id: string): Promise<Task | null> {
  return journaled(async (since) => {
    try {
      const task = await ask<Task>(inProject(project, `/tasks/${encodeURIComponent(id)}`), { signal: AbortSignal.timeout(PAGE_TIMEOUT_MS) });
      if (since().some((one) => one.type === "task_deleted" && one.task_id === id)) return null;
      return since().reduce(told, task);
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 410)) return null;
      throw error;
    }
  });
}

async function journaled<T>(read: (since: () => Heard[]) => Promise<T>): Promise<T> {
  const from = journal.length;
  fetching += 1;
  try {
    return await read(() => journal.slice(from));
  } finally {
    fetching -= 1;
    if (!fetching) journal = [];
  }
}

function told(task: Task, message: Heard): Task {
  if (message.task_id === task.task_id) return after(task, message);
  const other = message.type === "task_marked" && message["circled"] === true && message["shot"] === task.shot;
  return other && task.circled ? { ...task, circled: false } : task;
}

/** Forgets everything, and begins with a state, or with nothing. */
export function replace(state: ProjectState | null): void {
  batch(() => {
    for (const id of openIds.value) release(id);
    openIds.value = [];
    for (const listener of listeners) listener.replaced(); // first, or what they let go would be what is held from now on
    const open = state ? state.tasks.filter(isOpen) : [];
    for (const task of open) {
      held.delete(task.task_id);
      hold(task);
    }
    openIds.value = open.map((task) => task.task_id);
    leaving.value = new Set();
    setCounts(state?.counts);
  });
  if (state && counts.value.open > openIds.value.length) void readOpen(state.project_id);
}

function setCounts(known: Counts | undefined): void {
  const open = known ? known.blocked + known.queued + known.running : 0;
  counts.value = { open, all: known ? open + known.succeeded + known.failed + known.cancelled : 0 };
}

/** Open tasks for which the greeting had no room. */
async function readOpen(project: string): Promise<void> {
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams([["limit", "200"], ["status", "running"], ["status", "queued"], ["status", "blocked"]]);
    if (cursor) query.set("cursor", cursor);
    let page: Page;
    try {
      page = await readTasks(project, query);
    } catch {
      return; // the connection says so
    }
    batch(() => {
      for (const task of page.tasks) if (isOpen(task)) opens(task);
    });
    cursor = page.next;
  } while (cursor && openIds.value.length < MOST_OPEN);
}

function opens(task: Task): void {
  if (openIds.value.includes(task.task_id)) return;
  hold(task);
  const last = openIds.value.at(-1);
  const all = [...openIds.value, task.task_id];
  openIds.value = last === undefined || byAcceptance(last, task.task_id) <= 0 ? all : all.sort(byAcceptance);
}

function byAcceptance(one: string, other: string): number {
  const [a, b] = [taskNow(one)?.queued_at ?? "", taskNow(other)?.queued_at ?? ""];
  return a < b ? -1 : a > b ? 1 : 0;
}

function closes(id: string): void {
  if (!openIds.value.includes(id)) return;
  openIds.value = openIds.value.filter((known) => known !== id);
  release(id);
}

function count(open: number, all: number): void {
  counts.value = { open: Math.max(0, counts.value.open + open), all: Math.max(0, counts.value.all + all) };
}

/** Takes in what was heard of tasks, in its order. */
export function hear(message: Heard): void {
  if (fetching && message.task_id) journal.push(message);
  const id = message.task_id;
  switch (message.type) {
    case "task_started":
      if (!id || !message.position) return; // the repeated answer to who asked again
      count(1, 1);
      comes(begun(message));
      return;
    case "task_imported":
      count(0, 1);
      comes(message["task"] as Task);
      return;
    case "task_deleted":
      if (!message.position || !id) return;
      count(0, -1);
      goes(id);
      return;
    case "error":
    case "complete":
      if (!id) return;
      count(-1, 0);
      change(id, message);
      {
        const task = taskNow(id);
        if (task) {
          ended(task);
          for (const listener of listeners) listener.ended?.(task);
        }
      }
      closes(id);
      return;
    case "queue":
      for (const place of message["tasks"] as Place[]) {
        const known = held.get(place.task_id)?.task;
        if (known?.peek().status !== "queued") continue;
        known.value = { ...known.peek(), queue_position: place.queue_position, starts_in_s: place.starts_in_s ?? null };
      }
      return;
    case "task_marked":
      if (message["circled"] === true) uncircle(message);
      if (id) change(id, message);
      for (const listener of listeners) listener.marked?.(message);
      return;
    default:
      if (id) change(id, message);
  }
}

function comes(task: Task): void {
  if (isOpen(task)) opens(task);
  for (const listener of listeners) listener.added(task);
  laidOut.value += 1;
}

function goes(id: string): void {
  closes(id);
  stays(id);
  for (const listener of listeners) listener.removed(id);
  laidOut.value += 1;
}

function change(id: string, message: Heard): void {
  const known = held.get(id);
  if (known) known.task.value = after(known.task.peek(), message);
}

function uncircle(message: Heard): void {
  for (const { task } of held.values()) {
    const now = task.peek();
    if (now.circled && now.shot === message["shot"] && now.task_id !== message.task_id) task.value = { ...now, circled: false };
  }
}

export function leaves(id: string): void {
  leaving.value = new Set([...leaving.value, id]);
}

export function stays(id: string): void {
  if (leaving.value.has(id)) leaving.value = new Set([...leaving.value].filter((other) => other !== id));
}
