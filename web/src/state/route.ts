// Where the person is: a project's board, or the list of projects. The address says so.
import { signal } from "@preact/signals";

export type View = "board" | "projects";

function read(): { project: string; view: View } {
  const query = new URLSearchParams(location.search);
  return { project: query.get("project") || "default", view: query.get("view") === "projects" ? "projects" : "board" };
}

const first = read();
export const project = signal(first.project);
export const view = signal<View>(first.view);

const changed = new Set<(project: string) => void>();

/** Told when it is another project. */
export function onProject(listener: (project: string) => void): void {
  changed.add(listener);
}

function go(to: { project: string; view: View }): void {
  view.value = to.view;
  if (to.project === project.value) return;
  project.value = to.project;
  for (const listener of changed) listener(to.project);
}

export function open(name: string): void {
  history.pushState(null, "", `?project=${encodeURIComponent(name)}`);
  go({ project: name, view: "board" });
}

export function showProjects(): void {
  history.pushState(null, "", `?project=${encodeURIComponent(project.value)}&view=projects`);
  go({ project: project.value, view: "projects" });
}

addEventListener("popstate", () => go(read()));
