// What a film says of its shots, in words and numbers.
import type { FilmShot, Task } from "../wire";

const EXACT: Record<string, number> = { "23.976": 24000 / 1001, "29.97": 30000 / 1001 };

export function framesPerSecond(rate: string): number {
  return EXACT[rate] ?? Number(rate);
}

/** As minutes and seconds. */
export function clock(frames: number, rate: string): string {
  const seconds = frames / framesPerSecond(rate);
  const tenths = Math.round(seconds * 10);
  return `${Math.floor(tenths / 600)}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

/** Seconds with as many digits as give the frame back. */
export function secondsOf(frames: number, rate: string): string {
  return String(Number((frames / framesPerSecond(rate)).toFixed(2)));
}

const LONGEST_FRAMES = 1_000_000;

/** The frames that somebody wrote: `3`, `2.5 s`, `48f`, `3+12` (seconds and frames); 0 where it is none. */
export function framesOf(said: string, rate: string): number {
  const fps = framesPerSecond(rate);
  const met = /^\s*(?:(\d{1,5}(?:[.,]\d{1,3})?)\s*s?)?\s*(?:[+\s]\s*(\d{1,7})\s*f?)?\s*$/i.exec(said);
  const alone = /^\s*(\d{1,7})\s*f\s*$/i.exec(said);
  const frames = alone ? Number(alone[1]) : met ? Math.round(Number((met[1] ?? "0").replace(",", ".")) * fps) + Number(met[2] ?? 0) : 0;
  return frames >= 1 && frames <= LONGEST_FRAMES ? frames : 0;
}

export interface Scene {
  key: string;
  label: string;
  heading: string;
  shots: FilmShot[];
}

/** Shots under the headings of their scenes, in the order of the cut. */
export function scenesOf(shots: readonly FilmShot[]): Scene[] {
  const scenes: Scene[] = [];
  for (const shot of shots) {
    const [label, heading] = [shot.scene ?? "", shot.heading ?? ""];
    let last = scenes.at(-1);
    if (!last || last.label !== label || last.heading !== heading) {
      last = { key: `${scenes.length} ${label}`, label, heading, shots: [] };
      scenes.push(last);
    }
    last.shots.push(shot);
  }
  return scenes;
}

/** The words of a shot without the heading, which stands over its scene. */
export function framing(shot: FilmShot): string {
  const prompt = shot.prompt.replace(/\.$/, "");
  const heading = (shot.heading ?? "").replace(/\.$/, "");
  return (heading && prompt.endsWith(heading) ? prompt.slice(0, -heading.length) : prompt).trim();
}

/** What the script has there: what is done, and what is said. */
export function linesOf(shot: FilmShot): { who: string; text: string }[] {
  const said = (shot.speeches ?? []).map((one) => ({ who: `${one.character}${one.extension ? ` (${one.extension})` : ""}`, text: one.text }));
  return [...(shot.action ? [{ who: "", text: shot.action }] : []), ...said];
}

const plain = (name: unknown) => (typeof name === "string" ? name.replaceAll("_", " ") : "");

/** Size, kind, lens and move of a take, as they were read or assumed. */
export function cameraOf(task: Task | undefined): string[] {
  const understood = task?.result?.understood as Record<string, unknown> | undefined;
  if (!understood) return [];
  const camera = understood["camera"] as { focal_mm?: unknown } | undefined;
  const kinds = Array.isArray(understood["kind"]) ? understood["kind"] : [];
  const moves = Array.isArray(understood["moves"]) ? (understood["moves"] as { kind?: unknown; speed?: unknown; direction?: unknown }[]) : [];
  return [
    plain(understood["size"]),
    ...kinds.map(plain),
    typeof camera?.focal_mm === "number" ? `${Number(camera.focal_mm.toFixed(1))} mm` : "",
    ...moves.map((move) => [plain(move.speed), plain(move.kind), plain(move.direction)].filter(Boolean).join(" ")),
  ].filter(Boolean);
}

export function counted(count: number, one: string, more = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : more}`;
}
