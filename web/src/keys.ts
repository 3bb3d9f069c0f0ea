// Keys that count everywhere, unless somebody writes or something lies over the page.
import { focusOn } from "./board/keys";
import { compose, composeOpen, picking, shown, viewing } from "./state/actions";
import { arrange, arrangement } from "./state/board";
import { inspecting } from "./state/inspector";
import { letters, nextTheme, resize } from "./state/look";
import { undoLast } from "./state/notices";
import { showFilms } from "./header";
import { open, project, showProjects, view } from "./state/route";
import { asking, known } from "./state/session";
import { focusSoon } from "./ui/focus";

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

const DOES: Record<string, () => void> = {
  n: () => toBoard(compose),
  b: () => toBoard(() => (focusOn.value += 1)),
  "/": () => toBoard(() => focusSoon(() => document.getElementById("search"))),
  p: () => (view.value === "projects" ? open(project.value) : showProjects()),
  g: () => void showFilms(),
  v: () => arrange(arrangement.value === "shots" ? "newest" : "shots"),
  "+": () => resize(1),
  "=": () => resize(1),
  "-": () => resize(-1),
  u: () => void undoLast(),
  i: () => (inspecting.value = !inspecting.value),
  t: nextTheme,
  "?": () => (shown.value = "keys"),
};

function toBoard(then: () => void): void {
  if (view.value !== "board") open(project.value);
  then();
}

export function beginKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || shown.value || viewing.value || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      if (picking.value) picking.value.choose(null);
      else if (composeOpen.value) composeOpen.value = false;
      else if (inspecting.value) inspecting.value = false;
      else return;
      event.preventDefault();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && !writes(event.target)) {
      if (undoLast()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || !letters.value) return;
    const does = DOES[event.key];
    if (!does || !known.value || asking.value) return;
    event.preventDefault();
    does();
  });
}
