/** What messages make of tasks and projects: the same as in the service's own record. */

import {
  ARTIFACT_NULLS, RESULT_NULLS, TASK_NULLS,
  type CountsView, type ProjectView, type QueuePlace, type ResultView, type ServerMessage, type TaskView,
} from "./wire.js";

const MAX_PROMOTIONS = 50;
const NOT_AT_WORK = { stage: null, message: null, preview_url: null, queue_position: null } as const;

/** A project as far as its messages have told of it. */
export interface ProjectState {
  readonly project_id: string;
  /** The position of the last message in it. */
  readonly position: string;
  readonly counts: CountsView;
  /** False from when something happened to a task that is not here, of which the message alone does not say how it
   * counted before: then `auteur.project(id)` knows. */
  readonly counts_are_exact: boolean;
  readonly tasks: ReadonlyMap<string, TaskView>;
  /** The cursor for the ended tasks that are not here; null if all are. */
  readonly next: string | null;
  readonly deleted: boolean;
}

/** The state that a greeting, or `auteur.project(id)`, begins with. */
export function projectState(view: ProjectView): ProjectState {
  return {
    project_id: view.project_id,
    position: view.position,
    counts: view.counts,
    counts_are_exact: true,
    tasks: new Map(view.tasks.map((task) => [task.task_id, task])),
    next: view.next,
    deleted: false,
  };
}

/** The state after one more message; the same object where it says nothing of it. Changes nothing it is given. */
export function applyMessage(state: ProjectState, message: ServerMessage): ProjectState {
  if (message.type === "connected") return message.state ? projectState(message.state) : state;
  const position = message.position ?? state.position;
  if (message.type === "project_deleted") {
    return { ...state, position, counts: NOTHING, counts_are_exact: true, tasks: new Map(), next: null, deleted: true };
  }
  if (message.type === "queue") return withPlaces(state, message.tasks);
  if (!("task_id" in message) || !message.task_id) return state;
  const before = state.tasks.get(message.task_id);
  const after = taskAfter(before, message);
  const tasks = new Map(state.tasks);
  if (after) tasks.set(message.task_id, after);
  else tasks.delete(message.task_id);
  if (message.type === "task_marked" && message.circled) {
    for (const other of state.tasks.values()) {
      if (other.circled && other.shot === message.shot && other.task_id !== message.task_id) {
        tasks.set(other.task_id, { ...other, circled: false });
      }
    }
  }
  const isNew = message.type === "task_started" || message.type === "task_imported";
  const changesCounts = before?.status !== after?.status;
  let { counts, counts_are_exact } = state;
  if (before || isNew) {
    if (changesCounts) counts = recount(counts, before, after);
  } else if (message.type === "complete") {
    // only what runs succeeds
    const running = counts.running - 1;
    counts = { ...counts, running, succeeded: counts.succeeded + 1, size_bytes: counts.size_bytes + sizeOf(message.result) };
  } else if (message.type === "progress" || message.type === "error" || message.type === "task_deleted") {
    counts_are_exact = false;
  }
  return { ...state, position, counts, counts_are_exact, tasks };
}

/**
 * A task after one more message about it; undefined once it is gone, or where a task that is not known would be needed.
 * Changes nothing it is given. Exact but for `queue_position`, which `queue` messages tell when it has changed, and
 * `cancel_requested`, which no message tells.
 */
export function taskAfter(task: TaskView | undefined, message: ServerMessage): TaskView | undefined {
  switch (message.type) {
    case "task_started": {
      const { task_id, project_id, task_type, quality, params, origins, metadata, timestamp } = message;
      const { notice, engine, waits_for, shot = null, take = null, promoted_from = null } = message;
      return {
        task_id, project_id, task_type, quality, params, origins, metadata, shot, take, promoted_from,
        ...(engine ? { engine } : {}),
        ...(notice ? { notice } : {}),
        status: waits_for?.length ? "blocked" : "queued",
        progress: 0, stage: null, message: null, preview_url: null, favourite: false, circled: false, attempt: 0,
        queue_position: message.queue_position || null,
        waits_for: waits_for ?? [],
        promoted_to: [], cancel_requested: false,
        queued_at: timestamp, started_at: null, ended_at: null, result: null, error: null,
      };
    }
    case "task_imported":
      return message.task;
    case "task_deleted":
      return undefined;
  }
  if (!task) return undefined;
  switch (message.type) {
    case "progress": {
      if (message.stage === "queued") return { ...task, ...NOT_AT_WORK, status: "queued", waits_for: [], progress: 0 };
      if (message.stage === "started") {
        const { attempt, timestamp: started_at } = message;
        const begun = { stage: null, message: null, progress: 0, queue_position: null };
        return { ...task, ...begun, status: "running", attempt, started_at };
      }
      const { progress, stage = null, message: said = null, preview_url = task.preview_url } = message;
      return { ...task, progress, stage, message: said, preview_url };
    }
    case "complete": {
      const { result, timestamp: ended_at } = message;
      return { ...task, ...NOT_AT_WORK, status: "succeeded", waits_for: [], progress: 1, result, ended_at };
    }
    case "error": {
      if (!message.task_id) return task;
      if (message.error_code === "RECORD_LOST") return undefined;
      const status = message.error_code === "TASK_CANCELLED" ? "cancelled" : "failed";
      const error = { code: message.error_code, message: message.message, details: message.details ?? {} };
      return { ...task, ...NOT_AT_WORK, status, waits_for: [], error, ended_at: message.timestamp };
    }
    case "task_marked": {
      const { favourite, circled } = message;
      return { ...task, favourite: favourite ?? task.favourite, circled: circled ?? task.circled };
    }
    case "task_promoted": {
      const rest = task.promoted_to.filter((id) => id !== message.promoted_to);
      return { ...task, promoted_to: [...rest, message.promoted_to].slice(-MAX_PROMOTIONS) };
    }
    default:
      return task;
  }
}

/** The message as its type has it: what is left out on the socket is null in what is also read over HTTP. */
export function wholeMessage(message: ServerMessage): ServerMessage {
  if (message.type === "complete") wholeResult(message.result);
  else if (message.type === "task_imported") wholeTask(message.task);
  else if (message.type === "connected") message.state?.tasks.forEach(wholeTask);
  return message;
}

function wholeTask(task: TaskView): void {
  fill(task, TASK_NULLS);
  if (task.result) wholeResult(task.result);
}

function wholeResult(result: ResultView): void {
  fill(result, RESULT_NULLS);
  for (const artifact of result.artifacts) fill(artifact, ARTIFACT_NULLS);
}

function fill(view: object, names: readonly string[]): void {
  const fields = view as Record<string, unknown>;
  for (const name of names) fields[name] ??= null;
}

/** What a `queue` message tells; it is no event of the log. */
function withPlaces(state: ProjectState, places: readonly QueuePlace[]): ProjectState {
  const tasks = new Map(state.tasks);
  for (const { task_id, queue_position } of places) {
    const task = tasks.get(task_id);
    if (task) tasks.set(task_id, { ...task, queue_position });
  }
  return { ...state, tasks };
}

const NOTHING: CountsView = {
  blocked: 0, queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, size_bytes: 0,
};

function recount(counts: CountsView, before: TaskView | undefined, after: TaskView | undefined): CountsView {
  const counted = { ...counts };
  if (before) counted[before.status] -= 1;
  if (after) counted[after.status] += 1;
  counted.size_bytes += sizeOf(after?.result) - sizeOf(before?.result);
  return counted;
}

function sizeOf(result: ResultView | null | undefined): number {
  return result?.artifacts.reduce((sum, artifact) => sum + artifact.size_bytes, 0) ?? 0;
}
