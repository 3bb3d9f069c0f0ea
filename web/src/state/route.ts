// Where the person is: a project's board, its films or one of them, or the list of projects. The address says so.
import { batch, signal } from "@preact/signals";

export type View = "board" | "projects" | "film";

interface Place {
  project: string;
  view: View;
  /** The film's name; of no film: all that there are. */
  film: string;
}

function read(): Place {
  const query = new URLSearchParams(location.search);
  const asked = query.get("view");
  const view = asked === "projects" || asked === "film" ? asked : "board";
  return { project: query.get("project") || "default", view, film: view === "film" ? (query.get("film") ?? "") : "" };
}

const first = read();
export const project = signal(first.project);
export const view = signal<View>(first.view);
export const filmName = signal(first.film);

const changed = new Set<(project: string) => void>();

/** Told when it is another project. */
export function onProject(listener: (project: string) => void): void {
  changed.add(listener);
}

function go(to: Place): void {
  batch(() => {
    view.value = to.view;
    filmName.value = to.film;
    if (to.project === project.value) return;
    project.value = to.project;
    for (const listener of changed) listener(to.project);
  });
}

export function open(name: string): void {
  history.pushState(null, "", `?project=${encodeURIComponent(name)}`);
  go({ project: name, view: "board", film: "" });
}

export function showProjects(): void {
  history.pushState(null, "", `?project=${encodeURIComponent(project.value)}&view=projects`);
  go({ project: project.value, view: "projects", film: "" });
}

export function showFilm(film = ""): void {
  history.pushState(null, "", `?project=${encodeURIComponent(project.value)}&view=film${film && `&film=${encodeURIComponent(film)}`}`);
  go({ project: project.value, view: "film", film });
}

addEventListener("popstate", () => go(read()));
