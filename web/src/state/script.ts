// A script that was brought: what is read of it, and what would be made, before anything is. It outlives a reload.
import { batch, effect, signal } from "@preact/signals";
import { ApiError, inProject, newId, send } from "./net";
import { persist } from "./actions";
import { defaultQuality } from "./catalogue";
import { filmOf, tell } from "./film";
import { filmName, project, showFilm } from "./route";
import type { Film, FilmMade, FilmRequest } from "../wire";

export type Rate = FilmRequest["rate"];
export const RATES: readonly Rate[] = ["23.976", "24", "25", "29.97", "30"];
export const ENDINGS = [".fountain", ".spmd", ".txt", ".fdx", ".csv", ".tsv"];

export interface Brought {
  file: string;
  /** Its bytes: in what encoding they are, the service finds. */
  base64: string;
  name: string;
  quality: string;
  rate: Rate;
  aspect: string;
  /** Every shot, not only those that look otherwise. */
  remake: boolean;
}

export interface Plan {
  made: FilmMade;
  /** The film as it is; null where it is new. */
  before: Film | null;
}

export const brought = signal<Brought | null>(null);
export const plan = signal<Plan | null>(null);
export const reading = signal(false);
export const making = signal(false);
export const refused = signal("");

const MOST_BYTES = 4 << 20;
const KEPT = 1_500_000;
const kept = () => `auteur.script.${project.value}`;
let asked = 0;

export function looksLikeScript(file: File): boolean {
  const name = file.name.toLowerCase();
  return ENDINGS.some((ending) => name.endsWith(ending));
}

/** Reads a file that was dropped or chosen. */
export async function bring(file: File): Promise<void> {
  if (file.size > MOST_BYTES) {
    refused.value = `${file.name} has ${(file.size / 1e6).toFixed(1)} MB; a script may have 4.`;
    return;
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  let letters = "";
  for (let at = 0; at < bytes.length; at += 0x8000) letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  const stem = file.name.replace(/\.[^.]*$/, "").trim();
  await begin(file.name, btoa(letters), stem || "film");
}

export async function bringText(text: string): Promise<void> {
  const title = /^\s*Title:\s*(\S.*)$/im.exec(text)?.[1]?.replace(/[*_]/g, "").trim();
  await bring(new File([text], `${title?.slice(0, 60) ?? "film"}.fountain`));
}

/** The film in view is brought up to it, whatever the file is called; else a film is made that is called so. */
async function begin(file: string, base64: string, stem: string): Promise<void> {
  const name = filmName.value || stem;
  refused.value = "";
  const before = await filmOf(name).catch(() => null);
  const aspect = before?.params["aspect"];
  brought.value = {
    file, base64, name, rate: before?.rate ?? "24", quality: before?.quality ?? defaultQuality.value, remake: false,
    aspect: typeof aspect === "string" ? aspect : "16:9",
  };
  await read();
}

export async function change(to: Partial<Brought>): Promise<void> {
  if (!brought.value) return;
  brought.value = { ...brought.value, ...to };
  await read();
}

export function leave(): void {
  asked += 1;
  batch(() => {
    brought.value = plan.value = null;
    refused.value = "";
    reading.value = false;
  });
}

function request({ file, base64, name, quality, rate, aspect, remake }: Brought, before: Film | null): FilmRequest {
  return {
    name: name.trim() || "film", file, script_base64: base64, rate, task_type: before?.task_type ?? "text_to_image", remake,
    params: { ...before?.params, aspect }, dry_run: false, ...(quality ? { quality } : {}),
  };
}

/** What would be made of it now. */
async function read(): Promise<void> {
  const mine = ++asked;
  const script = brought.value;
  if (!script) return;
  reading.value = true;
  try {
    const before = await filmOf(script.name.trim() || "film");
    const body = { ...request(script, before), dry_run: true };
    const made = await send<FilmMade>("POST", inProject(project.value, "/films"), body);
    if (mine === asked) batch(() => {
      plan.value = { made, before };
      refused.value = "";
    });
  } catch (error) {
    if (mine === asked) batch(() => {
      plan.value = null;
      refused.value = wordsOf(error);
    });
  } finally {
    if (mine === asked) reading.value = false;
  }
}

/** Makes the film, or brings it up to the script; then it is in view. */
export async function make(): Promise<void> {
  const [script, known] = [brought.value, plan.value];
  if (!script || !known || making.value) return;
  making.value = true;
  const key = { "Idempotency-Key": newId() };
  try {
    const made = await persist(() => send<FilmMade>("POST", inProject(project.value, "/films"), request(script, known.before), key));
    leave();
    tell(made.name);
    showFilm(made.name);
  } catch (error) {
    refused.value = wordsOf(error);
  } finally {
    making.value = false;
  }
}

function wordsOf(error: unknown): string {
  const problems = error instanceof ApiError ? (error.details["problems"] as { field: string; message: string }[] | undefined) : undefined;
  const said = error instanceof Error ? error.message : String(error);
  return [said, ...(problems ?? []).slice(0, 3).map(({ field, message }) => (said.includes(message) ? "" : `${field} ${message}`))].filter(Boolean).join(" ");
}

/** Kept for this window by project. */
export function beginScripts(): void {
  let of: string | null = null;
  effect(() => {
    const [now, script] = [project.value, brought.value];
    if (now !== of) {
      of = now;
      leave();
      try {
        const found = sessionStorage.getItem(kept());
        if (!found) return;
        brought.value = JSON.parse(found) as Brought;
        void read();
      } catch {
        // what is damaged or not kept is brought again
      }
      return;
    }
    try {
      if (!script) sessionStorage.removeItem(kept());
      else if (script.base64.length <= KEPT) sessionStorage.setItem(kept(), JSON.stringify(script));
    } catch {
      // a window that keeps nothing
    }
  });
}
