// What stands in a file's place: a path or url of the project, or what another task is still to make.
import { mainOf } from "../state/tasks";
import type { Artifact, Task } from "../wire";
import type { FileKind } from "./schema";
import type { Raw } from "./values";

/** Where a small picture of it is; null where none can be had from this service. */
export function thumbnailOf(reference: Raw, project: string): string | null {
  if (typeof reference !== "string") return null;
  if (reference.startsWith("data:image/")) return reference;
  if (reference.includes("://")) return null;
  if (reference.startsWith("/")) return `${reference}?width=256`;
  const inside = reference.startsWith(`${project}/`) && reference.split("/").length > 2 ? reference.slice(project.length + 1) : reference;
  return `api/v1/projects/${encodeURIComponent(project)}/artifacts/${inside.split("/").map(encodeURIComponent).join("/")}?width=256`;
}

export function shortName(reference: Raw): string {
  if (typeof reference !== "string") {
    const of = reference as { from_task?: string; artifact?: string };
    return `${of.artifact ?? "what is made"} of task ${(of.from_task ?? "").slice(0, 8)}`;
  }
  if (reference.startsWith("data:")) return "a picture";
  return decodeURIComponent(reference.split(/[?#]/)[0]?.split("/").at(-1) ?? reference);
}

/** The file of a take that fits an input; of a take that is not made yet, what it will make. Null where it has none. */
export function referenceTo(take: Task, takes: FileKind, control: string | null): Raw | null {
  if (take.status === "blocked" || take.status === "queued" || take.status === "running") return { from_task: take.task_id };
  const made = take.result?.artifacts ?? [];
  const pass = control ? made.find((artifact) => artifact.kind === "control" && artifact.name === `control-${control}.png`) : undefined;
  const main = mainOf(take);
  const fitting = pass ?? [main, ...made].find((artifact): artifact is Artifact => artifact?.kind === takes);
  return fitting ? fitting.url : null;
}
