// What the reader of the words added by itself, what could not be drawn as asked, and the floor plan of the shot.
import { useEffect, useState } from "preact/hooks";
import { subjectName } from "../words/meanings";
import { Button } from "../ui/Button";
import { askPlan, plansOpen, planOf, showPlans } from "../state/plans";
import { taskSignal } from "../state/store";
import { isOpen, stateOf } from "../state/tasks";
import type { Task } from "../wire";

type Told = Record<string, unknown>;

export function Reading({ take }: { take: Task }) {
  const told = take.result?.understood as Told | undefined;
  const unmet = texts(told?.["unmet"]);
  const lost = texts(told?.["not_understood"]);
  const assumed = Object.entries((told?.["assumed"] ?? {}) as Told).map(([name, value]) => [subjectName(name), phrase(name, value)] as const).filter(([, said]) => said);
  if (!unmet.length && !lost.length && !assumed.length) return null;
  return (
    <section class="reading" aria-label="How it was read">
      {lost.length > 0 && <p class="not-understood"><span class="dim">Not understood: </span>{lost.join(", ")}</p>}
      {unmet.length > 0 && <><h3>Not as asked</h3><ul class="unmet">{unmet.map((one) => <li key={one}>{one}</li>)}</ul></>}
      {assumed.length > 0 && <details><summary>Assumed, for nothing was said</summary><dl>{assumed.map(([name, said]) => <><dt>{name}</dt><dd>{said}</dd></>)}</dl></details>}
    </section>
  );
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? [...new Set(value.map((one) => (typeof one === "string" ? one : phrase("", one))))] : [];
}

function phrase(name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return name === "lens_mm" ? `${value} mm` : name === "stop" ? `f/${value}` : name.endsWith("_m") ? `${Number(value.toFixed(2))} m` : String(Number(value.toFixed(3)));
  if (typeof value === "string") return value.replaceAll("_", " ");
  if (Array.isArray(value)) return value.map((one) => phrase("", one)).filter(Boolean).join(", ");
  return Object.entries(value as Told).map(([key, one]) => [key.replaceAll("_", " "), phrase(key, one)]).filter(([, said]) => said).map((pair) => pair.join(" ")).join(", ");
}

/** Whether the take says where its camera was: without that there is no plan. */
function isStaged(take: Task): boolean {
  const told = take.result?.understood as Told | undefined;
  return Array.isArray((told?.["camera"] as Told | undefined)?.["position_m"]) && told?.["stage"] !== undefined;
}

export function FloorPlan({ take }: { take: Task }) {
  const [problem, setProblem] = useState("");
  const open = plansOpen.value;
  const staged = isStaged(take);
  const id = planOf(take.task_id).value;
  const task = id ? taskSignal(id)?.value : undefined;
  const ask = (anew: boolean) => {
    setProblem("");
    void askPlan(take, anew).catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  useEffect(() => {
    if (open && staged && !id) ask(false);
  }, [open, staged, take.task_id, id]);
  if (!staged) return null;
  const picture = task?.result?.artifacts.find((one) => one.media_type === "image/png");
  const drawing = task?.result?.artifacts.find((one) => one.media_type === "image/svg+xml");
  const failed = task && !isOpen(task) && !picture;
  return (
    <details class="floor-plan" open={open} onToggle={(event) => showPlans(event.currentTarget.open)}>
      <summary>Floor plan</summary>
      {picture && (
        <>
          <a href={picture.url} target="_blank" rel="noopener"><img src={picture.url} width={picture.width_px ?? undefined} height={picture.height_px ?? undefined} alt={`Floor plan${take.shot ? ` of ${take.shot}` : ""}: walls, things, people, camera and its field, seen from above`} /></a>
          <p class="dim"><a href={picture.url} download={picture.name}>PNG</a>{drawing && <>{" \u00b7 "}<a href={drawing.url} download={drawing.name}>SVG</a></>}</p>
        </>
      )}
      {task && isOpen(task) && <p class="dim numbers" role="status">being drawn: {stateOf(task)}</p>}
      {(failed || problem) && <p class="bad" role="alert">{problem || (task ? stateOf(task) : "")} <Button onClick={() => ask(true)}>Draw it again</Button></p>}
    </details>
  );
}
