// The messages as they pass: the last of them, for who develops a client.
import { signal } from "@preact/signals";

export interface Passed {
  number: number;
  at: number;
  way: "in" | "out" | "note";
  type: string;
  text: string;
}

const MOST = 500;
const LONGEST = 16_384;
const SHOWN_MS = 200;

export const inspecting = signal(false);
export const paused = signal(false);
export const passed = signal<readonly Passed[]>([]);
let ring: Passed[] = [];
let numbers = 0;
let planned = false;

/** Kept while the pane is open: who does not look pays nothing. */
export function noted(way: Passed["way"], text: string): void {
  if (!inspecting.peek() || paused.peek()) return;
  numbers += 1;
  const kept = text.length > LONGEST ? `${text.slice(0, LONGEST)}\u2026 (${text.length} characters)` : text;
  ring.push({ number: numbers, at: Date.now(), way, type: /"type"\s*:\s*"(\w+)"/.exec(text)?.[1] ?? "?", text: kept });
  if (ring.length > MOST) ring = ring.slice(-MOST);
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    passed.value = ring.slice();
  }, SHOWN_MS);
}

export function clearPassed(): void {
  ring = [];
  passed.value = [];
}
