// What is handed over of the film in view: of each kind the newest task, whoever asked for it.
import { effect, signal } from "@preact/signals";
import { inProject, newId, send } from "./net";
import { attempt, persist } from "./actions";
import { film } from "./film";
import { filmName, project, view } from "./route";
import { hold, listen, readTasks, release } from "./store";
import type { Params, Task } from "../wire";

export interface Export {
  type: string;
  name: string;
  about: string;
}

export const EXPORTS: readonly Export[] = [
  { type: "film_board", name: "Board", about: "PDF" },
  { type: "film_contact_sheet", name: "Contact sheet", about: "PNG" },
  { type: "film_shot_list", name: "Shot list, camera report", about: "CSV" },
  { type: "film_animatic", name: "Animatic", about: "MP4" },
  { type: "film_cut", name: "Cut", about: "OTIO, EDL, FCPXML" },
  { type: "film_cameras", name: "Cameras", about: "USD, glTF" },
  { type: "film_keyframes", name: "Keyframe packs", about: "ZIP, for video models" },
  { type: "film_plans", name: "Floor plans", about: "SVG, PNG" },
  { type: "film_continuity", name: "Continuity", about: "JSON" },
];

/** By kind, the id of the newest task. */
export const handed = signal<ReadonlyMap<string, string>>(new Map());
const KINDS = new Set(EXPORTS.map((one) => one.type));
const LOOKED_AT = "20";
const WORDS = 6;

function takeIn(task: Task): void {
  const before = handed.value.get(task.task_type);
  if (before === task.task_id) return;
  hold(task);
  if (before) release(before);
  handed.value = new Map(handed.value).set(task.task_type, task.task_id);
}

function isOurs(task: Task): boolean {
  return KINDS.has(task.task_type) && task.metadata["film"] === filmName.value;
}

listen({
  added(task) {
    if (view.value === "film" && isOurs(task)) takeIn(task);
  },
  removed(id) {
    const kind = [...handed.value].find(([, known]) => known === id)?.[0];
    if (!kind) return;
    release(id);
    const rest = new Map(handed.value);
    rest.delete(kind);
    handed.value = rest;
    void readKind(kind); // the one before it
  },
  replaced() {
    forget();
    void readAll();
  },
});

function forget(): void {
  for (const id of handed.peek().values()) release(id);
  handed.value = new Map();
}

async function readKind(kind: string): Promise<void> {
  const [of, name] = [project.value, filmName.value];
  if (view.value !== "film" || !name) return;
  const q = name.split(/[-_]+/).slice(0, WORDS).join(" ");
  try {
    const page = await readTasks(of, new URLSearchParams({ task_type: kind, q, limit: LOOKED_AT }));
    const newest = page.tasks.find(isOurs);
    if (newest && of === project.value && name === filmName.value && !handed.value.has(kind)) takeIn(newest);
  } catch {
    // the connection says so
  }
}

async function readAll(): Promise<void> {
  await Promise.all(EXPORTS.map(({ type }) => readKind(type)));
}

/** Asks for these, together: all or none. */
export async function handOver(make: readonly string[], params: Record<string, Params>): Promise<void> {
  const name = film.value?.name;
  if (!name) return;
  const own = Object.fromEntries(Object.entries(params).filter(([kind]) => make.includes(kind)));
  const key = { "Idempotency-Key": newId() };
  const path = inProject(project.value, `/films/${encodeURIComponent(name)}/exports`);
  await attempt("It was not handed over.", () => persist(() => send("POST", path, { make, params: own }, key)));
}

/** Whether the film has changed since. */
export function isOld(task: Task): boolean {
  const version = task.metadata["film_version"];
  return typeof version === "number" && film.value !== null && version < film.value.version;
}

export function beginHandOver(): void {
  let of = "";
  effect(() => {
    const now = view.value === "film" && filmName.value ? `${project.value}/${filmName.value}` : "";
    if (now === of) return;
    of = now;
    forget();
    if (now) void readAll();
  });
}
