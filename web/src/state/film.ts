// The film in view: its shots in the order of the cut, the takes that they have, and what geometry finds between them.
// A take made for it is heard by the socket; what else is changed of a film elsewhere has no message, so that it is read
// again when a window comes to the front, when another window of this browser says so, and as calmly as the catalogue.
import { batch, computed, effect, signal, type Signal } from "@preact/signals";
import { ApiError, ask, inProject, newId, send } from "./net";
import { attempt, persist } from "./actions";
import { problem } from "./notices";
import { filmName, project, view } from "./route";
import { engineFor, takenBy } from "./catalogue";
import { hold, listen, openIds, readTask, release, taskNow, taskSignal } from "./store";
import type { Continuity, Film, FilmHead, FilmShot, Finding, Task } from "../wire";

/** All of the project by name; null before they were read. */
export const films = signal<readonly FilmHead[] | null>(null);
export const film = signal<Film | null>(null);
/** There is no film of this name. */
export const noFilm = signal(false);
export const continuity = signal<Continuity | null>(null);

const AGAIN_MS = 15_000;
const SOON_MS = 250;
const QUIET_MS = 700;
const TRIES = 4;
const AT_ONCE = 4;
const BESIDE = 60;
const elsewhere = "BroadcastChannel" in window ? new BroadcastChannel("auteur.films") : null;

export const shotIds = computed(() => new Set((film.value?.shots ?? []).flatMap((shot) => shot.task_id ?? [])));
/** How many of its shots are being made or wait. */
export const openShots = computed(() => openIds.value.filter((id) => shotIds.value.has(id)).length);
/** What is said of a shot against the one before it, by its name. */
export const findings = computed(() => {
  const found = new Map<string, Finding[]>();
  for (const one of continuity.value?.findings ?? []) found.set(one.second, [...(found.get(one.second) ?? []), one]);
  return found;
});

function here(name: string, rest = ""): string {
  return inProject(project.value, `/films/${encodeURIComponent(name)}${rest}`);
}

export async function readFilms(): Promise<readonly FilmHead[]> {
  const of = project.value;
  const found: FilmHead[] = [];
  let cursor: string | null = null;
  try {
    do {
      const query = new URLSearchParams({ limit: "20", ...(cursor === null ? {} : { cursor }) });
      const page: { films: FilmHead[]; next: string | null } = await ask(inProject(of, `/films?${query}`));
      found.push(...page.films);
      cursor = page.next;
    } while (cursor !== null);
  } catch (error) {
    if (films.value === null) problem(`The films could not be read. ${error instanceof Error ? error.message : ""}`);
    return films.value ?? [];
  }
  if (of === project.value && JSON.stringify(found) !== JSON.stringify(films.peek())) films.value = found;
  return found;
}

/** One film; null where there is none of the name. */
export async function filmOf(name: string): Promise<Film | null> {
  try {
    return await ask<Film>(here(name));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

async function readFilm(): Promise<void> {
  const [of, name] = [project.value, filmName.value];
  if (view.value !== "film" || !name) return;
  try {
    const found = await filmOf(name);
    if (of !== project.value || name !== filmName.value) return;
    if (found) takeIn(found);
    else batch(() => {
      film.value = null;
      noFilm.value = true;
    });
  } catch {
    // the connection says when the service is away
  }
}

function takeIn(found: Film): void {
  noFilm.value = false;
  const known = film.peek();
  // what was asked before it was put may be answered after it
  if (known?.name === found.name && (found.etag === known.etag || Date.parse(found.updated_at) < Date.parse(known.updated_at))) return;
  film.value = found;
  for (const id of [...slots.keys()]) if (!shotIds.value.has(id)) drop(id);
  checkSoon();
}

// --- takes, read as somebody looks at their shots -------------------------------------------------------------------

type Standing = "unread" | "here" | "gone";
const slots = new Map<string, Signal<Standing>>();
const waiting: string[] = [];
let readers = 0;

/** Whether a take is here; a read of it is asked for by `wantTake`. */
export function standing(id: string): Signal<Standing> {
  let slot = slots.get(id);
  if (!slot) slots.set(id, (slot = signal<Standing>("unread")));
  return slot;
}

export function wantTake(id: string): void {
  if (standing(id).peek() !== "unread" || waiting.includes(id)) return;
  const known = taskNow(id);
  if (known) {
    hold(known);
    standing(id).value = "here";
    return;
  }
  waiting.push(id);
  if (readers < AT_ONCE) void work();
}

async function work(): Promise<void> {
  readers += 1;
  const of = project.value;
  for (let id = waiting[0]; id !== undefined; id = waiting[0]) {
    const asked = id;
    waiting.shift();
    try {
      const task = await readTask(of, asked);
      const slot = slots.get(asked);
      if (of !== project.value || !slot || slot.peek() !== "unread") continue;
      if (task) hold(task);
      slot.value = task ? "here" : "gone";
    } catch {
      break; // the connection says so; who looks asks again
    }
  }
  readers -= 1;
}

function drop(id: string): void {
  if (slots.get(id)?.peek() === "here") release(id);
  slots.delete(id);
}

/** The takes of the film that are here, in the order of the cut; follows each. */
export function takesInOrder(): Task[] {
  const found: Task[] = [];
  for (const { task_id: id } of film.value?.shots ?? []) {
    const task = id && standing(id).value === "here" ? taskSignal(id)?.value : undefined;
    if (task) found.push(task);
  }
  return found;
}

/** Somebody looks at the take of this id: those beside it are about to be looked at. */
export function wantAround(id: string): void {
  const shots = film.value?.shots ?? [];
  const place = shots.findIndex((shot) => shot.task_id === id);
  for (const shot of shots.slice(Math.max(0, place - BESIDE), place + BESIDE + 1)) if (shot.task_id) wantTake(shot.task_id);
}

// --- what is heard --------------------------------------------------------------------------------------------------

let soon: ReturnType<typeof setTimeout> | undefined;
let checking: ReturnType<typeof setTimeout> | undefined;
const unplaced = new Set<string>();

listen({
  added(task) {
    if (task.metadata["film"] === undefined || task.task_type.startsWith("film_")) return;
    if (view.value === "film" && !filmName.value) void readFilms();
    if (task.metadata["film"] !== filmName.value || shotIds.value.has(task.task_id)) return;
    unplaced.add(task.task_id); // it is told before the film names it
    readSoon(0);
  },
  removed(id) {
    const slot = slots.get(id);
    if (!slot) return;
    if (slot.peek() === "here") release(id);
    slot.value = "gone";
    checkSoon();
  },
  replaced() {
    for (const [id, slot] of slots) {
      if (slot.peek() === "here") release(id);
      slot.value = "unread";
    }
    void readFilm();
  },
  ended(task) {
    if (shotIds.value.has(task.task_id)) checkSoon();
  },
});

function readSoon(tried: number): void {
  clearTimeout(soon);
  soon = setTimeout(async () => {
    await readFilm();
    for (const id of shotIds.value) unplaced.delete(id);
    if (unplaced.size && tried < TRIES) readSoon(tried + 1);
    else unplaced.clear(); // a take besides, which the film does not name
  }, SOON_MS * 2 ** tried);
}

/** Geometry is asked when nothing has ended for a moment. */
function checkSoon(): void {
  clearTimeout(checking);
  checking = setTimeout(() => void check(), QUIET_MS);
}

async function check(): Promise<void> {
  const name = film.value?.name;
  if (!name || view.value !== "film" || !film.value?.shots.length) return;
  try {
    const found = await ask<Continuity>(here(name, "/continuity"));
    if (name === film.value?.name && JSON.stringify(found) !== JSON.stringify(continuity.peek())) continuity.value = found;
  } catch {
    // it is a help, and comes with the next take
  }
}

function again(): void {
  if (document.hidden || view.value !== "film") return;
  void (filmName.value ? readFilm() : readFilms());
}

function forget(): void {
  for (const id of [...slots.keys()]) drop(id);
  waiting.length = 0;
  batch(() => {
    film.value = continuity.value = null;
    noFilm.value = false;
  });
}

/** Nothing of it stays on the screen of who is not known. */
export function forgetFilms(): void {
  films.value = null;
  forget();
}

/** Follows what is in view. */
export function beginFilms(): void {
  let of = "";
  effect(() => {
    if (view.value !== "film" || !filmName.value) {
      if (view.value !== "film") films.value = null;
      if (film.peek() || noFilm.peek()) forget();
      return;
    }
    const now = `${project.value}/${filmName.value}`;
    if (now !== of) forget();
    of = now;
    void readFilm();
  });
  setInterval(again, AGAIN_MS);
  addEventListener("focus", again);
  document.addEventListener("visibilitychange", again);
  elsewhere?.addEventListener("message", again);
}

// --- what is changed by hand ----------------------------------------------------------------------------------------

/** Puts the film with other shots; again over what somebody else has put meanwhile. */
export async function changeShots(edit: (shots: readonly FilmShot[]) => readonly FilmShot[]): Promise<boolean> {
  const [name, first] = [film.value?.name, film.value];
  if (!name || !first) return false;
  return attempt("The film was not changed.", async () => {
    let known: Film = first;
    for (let tries = 0; ; tries += 1) {
      const { name: _, version, etag, updated_at, ...body } = known;
      try {
        const put = await send<Film>("PUT", here(name), { ...body, shots: edit(known.shots) }, { "If-Match": etag });
        if (filmName.value === name) takeIn(put);
        elsewhere?.postMessage(name);
        return;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 412 || tries >= TRIES) throw error;
        const newer = await filmOf(name);
        if (!newer) throw error;
        known = newer;
      }
    }
  });
}

export function changeShot(name: string, change: Partial<FilmShot>): Promise<boolean> {
  return changeShots((shots) => shots.map((shot) => (shot.name === name ? { ...shot, ...change } : shot)));
}

/** A new take of a shot whose take failed, was cancelled or deleted, or that has none; the film names it from then on. */
export async function makeAgain(shot: FilmShot): Promise<void> {
  const known = film.value;
  if (!known) return;
  const lost = shot.task_id ? taskNow(shot.task_id) : undefined;
  const way = engineFor(known.task_type, lost?.engine ?? "");
  const cast = (shot.cast ?? []).map(resourceName).filter(Boolean).slice(0, 8);
  const offered = { ...(shot.set_name ? { set: shot.set_name } : {}), ...(cast.length ? { cast } : {}) };
  const request = {
    task_type: known.task_type, params: takenBy(way, { ...known.params, prompt: shot.prompt, ...offered }), shot: shot.name,
    metadata: { film: known.name, ...(shot.line ? { script_line: shot.line } : {}) },
    ...(known.quality ? { quality: known.quality } : {}),
  };
  const key = { "Idempotency-Key": newId() };
  await attempt("It was not made again.", async () => {
    const { task_id } = await persist(() => send<{ task_id: string }>("POST", inProject(project.value, "/tasks"), request, key));
    await changeShot(shot.name, { task_id });
  });
}

/** As the service names sets and the cast. */
function resourceName(text: string): string {
  return text.normalize("NFC").toLowerCase().normalize("NFC").replace(/[^\p{L}\p{N}_]+/gu, "-").slice(0, 65).replace(/^[-_]+|[-_]+$/g, "").slice(0, 64).replace(/[-_]+$/g, "");
}

/** Its takes stay on the board. */
export async function deleteFilm(name: string): Promise<boolean> {
  const done = await attempt("The film was not deleted.", () => ask(here(name), { method: "DELETE" }));
  elsewhere?.postMessage(name);
  await readFilms();
  return done;
}

/** Other windows of this browser are told that it was made, or brought up to its script. */
export function tell(name: string): void {
  elsewhere?.postMessage(name);
}
