// What a person does with takes. Everything goes over HTTP, with the same id until it is answered: sent twice, it is
// done once. What it changed comes back by the socket, to this window as to every other.
import { batch, signal } from "@preact/signals";
import { ApiError, AwayError, ask, address, inProject, newId, send } from "./net";
import { dropUndoable, problem, toast, toasts } from "./notices";
import { leaves, stays, taskNow } from "./store";
import { isOpen, mainOf, takeOf, titleOf } from "./tasks";
import { project } from "./route";
import type { ComposeSeed, TakeAction } from "../contract";
import type { GenerationRequest, Params, Task } from "../wire";
import { focusSoon } from "../ui/focus";

export type Window = "keys" | "batch" | "script" | "delete-project" | { promote: Task } | { camera: Task };
export const shown = signal<Window | null>(null);
export const seed = signal<ComposeSeed | undefined>(undefined);
export const composeOpen = signal(false);
/** The section of the viewer that is no section of the board: the takes of the film in view. */
export const FILM = "film in view";
export const viewing = signal<{ section: string; id: string } | null>(null);
/** Somebody chooses a take for the form. */
export const picking = signal<{ choose: (task: Task | null) => void } | null>(null);

const TRIES = 40;
const WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 3_000;

/** Again while the service is away or says that it is for the moment. */
export async function persist<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      const passing = error instanceof AwayError || (error instanceof ApiError && error.status === 503);
      if (!passing || attempt === TRIES) throw error;
      await new Promise((go) => setTimeout(go, Math.min(WAIT_MS * attempt, LONGEST_WAIT_MS)));
    }
  }
}

export async function attempt(what: string, action: () => Promise<unknown>): Promise<boolean> {
  try {
    await persist(action);
    return true;
  } catch (error) {
    problem(`${what} ${error instanceof Error ? error.message : ""}`);
    return false;
  }
}

function of(task: Task, rest = ""): string {
  return inProject(task.project_id, `/tasks/${encodeURIComponent(task.task_id)}${rest}`);
}

export async function submit(request: GenerationRequest): Promise<void> {
  const key = { "Idempotency-Key": newId() };
  await persist(() => send("POST", inProject(project.value, "/tasks"), request, key));
}

/** All or none. Its name and size travel with each: so the batch is known as one after a reload, and in other windows. */
export async function submitBatch(requests: readonly GenerationRequest[], name = `Variations ${timeNow()}`): Promise<void> {
  const key = { "Idempotency-Key": newId() };
  const about = { batch: name, batch_size: requests.length };
  const told = requests.map((request) => ({ ...request, metadata: { ...request.metadata, ...about } }));
  await persist(() => send("POST", inProject(project.value, "/batches"), { requests: told }, key));
}

export function timeNow(): string {
  return new Date().toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

export function promote(task: Task, quality: string, engine: string): Promise<boolean> {
  const key = { "Idempotency-Key": newId() };
  return attempt("It was not promoted.", () => send("POST", of(task, "/promote"), { quality, ...(engine ? { engine } : {}) }, key));
}

export function cancel(task: Task): Promise<boolean> {
  return attempt("It was not cancelled.", () => send("POST", of(task, "/cancel")));
}

export async function cancelAll(ids: readonly string[]): Promise<void> {
  const tasks = ids.map(taskNow).filter((task): task is Task => task !== undefined && isOpen(task));
  for (const task of tasks.reverse()) if (!(await cancel(task))) return; // what waits first, or it would begin
}

export function mark(task: Task, marks: { favourite?: boolean; circled?: boolean }): Promise<boolean> {
  return attempt("It was not marked.", () => send("PATCH", of(task), marks));
}

/** Deleted when nobody can undo it any more: until then the service knows nothing of it. */
export function remove(task: Task): void {
  const id = task.task_id;
  leaves(id);
  toast(`${takeOf(task) || "The take"} is deleted with its files.`, {
    undo: () => stays(id),
    done: () => void attempt("It was not deleted.", () => ask(of(task), { method: "DELETE" })).then((done) => done || stays(id)),
  });
}

/** Asks, before the page closes, whether what was deleted shall stay: it would, for it was not sent yet. */
export function beginActions(): void {
  addEventListener("beforeunload", (event) => {
    if (toasts.value.some((known) => known.done)) event.preventDefault();
  });
}

/** The parameters that somebody chose, without what quality and engine added. */
function chosen(task: Task): Params {
  const origins = task.origins ?? {};
  const own = Object.entries(task.params).filter(([name]) => !(name in origins) || origins[name] === "caller");
  return Object.fromEntries(own);
}

function requestOf(task: Task, params: Params): ComposeSeed {
  return {
    task_type: task.task_type, quality: task.quality, params,
    ...(task.shot ? { shot: task.shot } : {}),
    ...(task.engine ? { engine: task.engine } : {}),
  };
}

export function compose(from?: ComposeSeed): void {
  batch(() => {
    if (from) seed.value = { ...from };
    viewing.value = null;
    composeOpen.value = true;
  });
  const find = () => document.querySelector<HTMLElement>(".composer textarea") ?? document.querySelector<HTMLElement>(".composer select");
  if (from) setTimeout(() => find()?.focus()); // what is filled in is drawn anew first
  else focusSoon(find);
}

async function download(task: Task): Promise<void> {
  const made = mainOf(task);
  if (!made) return;
  const link = document.createElement("a");
  link.href = made.url;
  link.download = `${[task.project_id, task.shot, task.take && `take${task.take}`].filter(Boolean).join("-")}-${made.name}`;
  link.click();
}

async function copyLink(task: Task): Promise<void> {
  const made = mainOf(task);
  const link = made ? new URL(made.url, document.baseURI).href : address(of(task)).href;
  await copy(link, "The link is in the clipboard.");
}

export async function copy(text: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(said);
  } catch {
    prompt("Copy it from here:", text); // not over TLS, or the browser was told not to
  }
}

/** Whether there is such a thing to do with the take. */
export function can(action: TakeAction, task: Task): boolean {
  switch (action) {
    case "cancel":
      return isOpen(task) && !task.cancel_requested;
    case "again":
    case "favourite":
      return true;
    case "circle":
      return Boolean(task.shot);
    case "delete":
      return !isOpen(task);
    case "same-seed":
      return task.status === "succeeded" && task.result?.seed != null;
    case "camera":
      return task.status === "succeeded" && mainOf(task)?.kind === "image";
    case "promote":
    case "download":
    case "link":
      return task.status === "succeeded";
  }
}

export function act(action: TakeAction, task: Task): void {
  if (!can(action, task)) return;
  switch (action) {
    case "cancel":
      return void cancel(task);
    case "favourite":
      return void mark(task, { favourite: !task.favourite });
    case "circle":
      return void mark(task, { circled: !task.circled });
    case "delete":
      return remove(task);
    case "again":
      return compose(requestOf(task, chosen(task)));
    case "same-seed": {
      const { engine: _, ...request } = requestOf(task, { ...chosen(task), seed: task.result?.seed });
      return compose(request);
    }
    case "promote":
      shown.value = { promote: task };
      return;
    case "camera":
      shown.value = { camera: task };
      return;
    case "download":
      return void download(task);
    case "link":
      return void copyLink(task);
  }
}

/** Lets the person choose a take on the board. */
export function pick(): Promise<Task | null> {
  picking.value?.choose(null);
  return new Promise((resolve) => {
    picking.value = {
      choose: (task) => {
        picking.value = null;
        resolve(task);
      },
    };
  });
}

/** Nothing of this person's is left to be done. */
export function forget(): void {
  dropUndoable();
  picking.value?.choose(null);
  batch(() => {
    shown.value = viewing.value = null;
    seed.value = undefined;
  });
}

export function described(task: Task): string {
  return `${titleOf(task)}${task.shot ? `, ${takeOf(task)}` : ""}`;
}
