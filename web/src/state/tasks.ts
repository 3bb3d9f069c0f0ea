// What is said of one task, and how a message changes it. Nothing here remembers anything.
import type { Artifact, Failure, Heard, Result, Task } from "../wire";

export function isOpen(task: Task): boolean {
  return task.status === "blocked" || task.status === "queued" || task.status === "running";
}

/** The file that was asked for: control passes are by-products. */
export function mainOf(task: Task): Artifact | undefined {
  const made = task.result?.artifacts ?? [];
  return made.find((artifact) => artifact.kind !== "control") ?? made[0];
}

/** The file that can be shown small. */
export function pictured(task: Task): Artifact | undefined {
  const main = mainOf(task);
  return main && (main.kind === "image" || main.kind === "video" || main.media_type.startsWith("image/")) ? main : undefined;
}

export function titleOf(task: Task): string {
  const said = task.params["prompt"] ?? task.params["caption"];
  return typeof said === "string" && said ? said : words(task.task_type);
}

/** `image_to_video` as people write it. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

export function stateOf(task: Task): string {
  switch (task.status) {
    case "blocked": {
      const others = task.waits_for.length;
      return `waits for ${others === 1 ? "another task" : `${others} other tasks`}`;
    }
    case "queued":
      return [
        "waits", task.queue_position ? `place ${task.queue_position}` : "", task.starts_in_s != null ? `starts in about ${left(task.starts_in_s)}` : "",
      ].filter(Boolean).join(", ");
    case "running":
      return `${Math.round(task.progress * 100)} %${task.eta_s ? `, about ${left(task.eta_s)} left` : ""}`;
    case "succeeded":
      return "ready";
    case "cancelled":
      return "cancelled";
    case "failed":
      return task.error?.message ?? "failed";
  }
}

/** Seconds as people say them. */
export function left(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function takeOf(task: Task): string {
  return task.shot ? `${task.shot} · take ${task.take ?? "?"}` : "";
}

/** A task as it was just accepted. */
export function begun(message: Heard): Task {
  return {
    progress: 0, favourite: false, circled: false, attempt: 0, promoted_to: [], waits_for: [], metadata: {},
    ...message,
    queued_at: message.timestamp,
    status: message["waits_for"] ? "blocked" : "queued",
  } as unknown as Task;
}

/** The task after a message about it. A message that it has outlived changes nothing. */
export function after(task: Task, message: Heard): Task {
  switch (message.type) {
    case "progress":
      if (!isOpen(task) || (message["attempt"] as number) < task.attempt) return task;
      return {
        ...task,
        status: message["stage"] === "queued" ? "queued" : "running",
        attempt: message["attempt"] as number,
        progress: message["progress"] as number,
        stage: (message["stage"] as string) ?? null,
        message: (message["message"] as string) ?? task.message ?? null,
        eta_s: (message["eta_s"] as number) ?? null,
        preview_url: (message["preview_url"] as string) ?? task.preview_url ?? null,
        started_at: task.started_at ?? message.timestamp,
      };
    case "complete":
      return { ...task, status: "succeeded", progress: 1, eta_s: null, result: message["result"] as Result, error: null, ended_at: message.timestamp };
    case "error": {
      const code = message["error_code"] as string;
      const error: Failure = { code, message: message["message"] as string, details: (message["details"] as Failure["details"]) ?? {} };
      return { ...task, status: code === "TASK_CANCELLED" ? "cancelled" : "failed", eta_s: null, error, ended_at: message.timestamp };
    }
    case "task_marked":
      return {
        ...task,
        favourite: (message["favourite"] as boolean) ?? task.favourite,
        circled: (message["circled"] as boolean) ?? task.circled,
      };
    case "task_promoted": {
      const made = message["promoted_to"] as string;
      return task.promoted_to.includes(made) ? task : { ...task, promoted_to: [...task.promoted_to, made] };
    }
    default:
      return task;
  }
}
