// Floor plans of takes, each drawn once by a task: asked with an id that follows from the take's, so that whoever asks
// again, here, after a reload or in another window, is told of the same task.
import { signal, type Signal } from "@preact/signals";
import { ApiError, inProject, newId, send } from "./net";
import { persist } from "./actions";
import { recall, remember } from "./notices";
import { hold, listen, readTask, release } from "./store";
import type { Task } from "../wire";

/** Whether somebody looks at plans: then that of each take they come to is drawn. */
export const plansOpen = signal(recall("auteur.plans") === "open");

const known = new Map<string, Signal<string>>();
const asking = new Set<string>();

/** By the id of a take, that of the task that drew its plan; empty before it is asked. */
export function planOf(take: string): Signal<string> {
  let found = known.get(take);
  if (!found) known.set(take, (found = signal("")));
  return found;
}

export function showPlans(open: boolean): void {
  if (plansOpen.value === open) return;
  plansOpen.value = open;
  remember("auteur.plans", open ? "open" : "");
}

/** `anew`: what was drawn before came to nothing. Raises `ApiError`, `AwayError`. */
export async function askPlan(take: Task, anew: boolean): Promise<void> {
  const of = take.task_id;
  if (asking.has(of)) return;
  asking.add(of);
  try {
    const name = (take.shot ?? "shot").slice(0, 64);
    const request = {
      task_type: "film_plans", params: { shots: [{ name }], takes: [{ from_task: of }] }, metadata: { plan_of: of },
    };
    const path = inProject(take.project_id, "/tasks");
    const post = (key: string) => persist(() => send<{ task_id: string }>("POST", path, request, { "Idempotency-Key": key }));
    let id: string;
    let task: Task | null = null;
    try {
      ({ task_id: id } = await post(anew ? newId() : `plan-${of}`));
      task = await readTask(take.project_id, id);
    } catch (error) {
      if (!(error instanceof ApiError) || ![409, 410].includes(error.status)) throw error;
    }
    if (!task) {
      ({ task_id: id } = await post(newId())); // the first one was deleted
      task = await readTask(take.project_id, id);
    }
    if (!task) return;
    const slot = planOf(of);
    hold(task);
    if (slot.value) release(slot.value);
    slot.value = task.task_id;
  } finally {
    asking.delete(of);
  }
}

listen({
  added: () => undefined,
  removed(id) {
    for (const slot of known.values()) {
      if (slot.value !== id) continue;
      release(id);
      slot.value = "";
    }
  },
  replaced() {
    for (const slot of known.values()) {
      if (slot.value) release(slot.value);
      slot.value = "";
    }
  },
});
