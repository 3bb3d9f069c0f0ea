// How the page looks, and what of it has the focus.
import { effect, signal } from "@preact/signals";
import { recall, remember } from "./notices";

export type Theme = "auto" | "light" | "dark";

const SIZES = [132, 208, 300, 440];
export const theme = signal<Theme>((recall("auteur.theme") as Theme) || "auto");
/** Two columns on a phone, larger pictures on a wall. */
const fitting = innerWidth < 600 ? 0 : innerWidth < 2200 ? 1 : 2;
const step = signal(recall("auteur.size") === "" ? fitting : Number(recall("auteur.size")));
export const cellSize = signal(SIZES[step.value] ?? 208);
/** Single letters do something; who types by voice may not want that. */
export const letters = signal(recall("auteur.letters") !== "off");
/** What of the board has the focus: a take, or with index -1 the head of its section. */
export const boardFocus = signal<{ section: string; id: string | null; index: number }>({ section: "", id: null, index: 0 });

/** The shot of the film that has the focus, by name. */
export const filmFocus = signal("");

export function beginLook(): void {
  effect(() => {
    if (theme.value === "auto") document.documentElement.removeAttribute("data-theme");
    else document.documentElement.dataset["theme"] = theme.value;
    remember("auteur.theme", theme.value);
  });
}

export function nextTheme(): void {
  const order: Theme[] = ["auto", "light", "dark"];
  theme.value = order[(order.indexOf(theme.value) + 1) % order.length] ?? "auto";
}

export function resize(by: number): void {
  step.value = Math.max(0, Math.min(SIZES.length - 1, step.value + by));
  cellSize.value = SIZES[step.value] ?? 208;
  remember("auteur.size", String(step.value));
}

export function takeLetters(on: boolean): void {
  letters.value = on;
  remember("auteur.letters", on ? "" : "off");
}
