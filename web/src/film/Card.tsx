// One shot of the film: its picture, what the script has there, how long it is, and what geometry says of the cut to it.
import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { cameraOf, framesOf, framing, linesOf, secondsOf } from "./words";
import { Picture } from "../board/Cell";
import { Button } from "../ui/Button";
import { changeShot, findings, makeAgain, standing, wantTake } from "../state/film";
import { circledTakes } from "../state/board";
import { taskSignal } from "../state/store";
import { isOpen, stateOf } from "../state/tasks";
import { problem } from "../state/notices";
import type { Film, FilmShot, Task } from "../wire";

interface Props {
  film: Film;
  shot: FilmShot;
  width: number;
  focused: boolean;
}

const NEAR = "600px";

export function Card({ film, shot, width, focused }: Props) {
  const box = useRef<HTMLLIElement>(null);
  const id = shot.task_id ?? "";
  const stands = id ? standing(id).value : "gone";
  const task = stands === "here" ? taskSignal(id)?.value : undefined;
  useEffect(() => {
    if (!id || stands !== "unread" || !box.current) return;
    const near = new IntersectionObserver(([seen]) => seen?.isIntersecting && wantTake(id), { rootMargin: NEAR });
    near.observe(box.current);
    return () => near.disconnect();
  }, [id, stands]);
  const tabIndex = focused ? 0 : -1;
  const lost = stands === "gone" || task?.status === "failed" || task?.status === "cancelled";
  const found = findings.value.get(shot.name) ?? [];
  const circled = useComputed(() => circledTakes.value.get(shot.name) ?? "").value;
  const [other, number] = circled.split(" ");
  const camera = cameraOf(task);
  const unread = listOf(task, "not_understood");
  return (
    <li ref={box} class={`film-shot ${task?.status ?? ""}`} data-shot={shot.name}>
      <button type="button" class="film-picture" data-shot-name={shot.name} data-task={task?.task_id} tabIndex={tabIndex} aria-label={`${shot.name}: ${framing(shot)}. ${said(task, stands)}`}>
        {task ? <Picture task={task} width={width} /> : <span class="shown"><span class="blank">{stands === "unread" ? "" : id ? "its take was deleted" : "no take yet"}</span></span>}
        {task && isOpen(task) && <span class="bar" aria-hidden="true"><i style={{ transform: `scaleX(${task.progress})` }} /></span>}
      </button>
      <div class="film-about">
        <p class="film-name">
          <b class="numbers">{shot.name}</b>
          <span class="dim camera">{camera.length ? camera.join(" \u00b7 ") : framing(shot)}</span>
        </p>
        {task && task.status !== "succeeded" && <p class={`state numbers ${task.status === "failed" ? "bad" : "dim"}`}>{stateOf(task)}</p>}
        <div class="script-lines">
          {shot.dissolve_frames > 0 && <p class="dim">dissolves in, {secondsOf(shot.dissolve_frames, film.rate)} s</p>}
          {linesOf(shot).map(({ who, text }, place) => <p key={place} class="script-line">{who && <b>{who} </b>}{text}</p>)}
          {!linesOf(shot).length && <p class="script-line">{framing(shot)}</p>}
        </div>
        <p class="film-foot numbers">
          <Length film={film} shot={shot} tabIndex={tabIndex} />
          <span class="dim">{shot.frames} f{shot.by_hand && " \u00b7 by hand"}</span>
          <span class="dim where">{shot.line ? `line ${shot.line}` : ""}{shot.page ? `${shot.line ? ", " : ""}p. ${shot.page}` : ""}</span>
        </p>
        {unread.length > 0 && <p class="film-unread">not understood: <span>{unread.join(", ")}</span></p>}
        {found.map((one) => <p key={`${one.kind} ${one.first}`} class="film-finding" data-kind={one.kind}><span aria-hidden="true">{"\u26a0 "}</span><span class="unseen">Continuity: </span>{one.reason}</p>)}
        {lost && <Button tabIndex={tabIndex} onClick={() => void makeAgain(shot)}>Make it again</Button>}
        {other && other !== id && <Button tabIndex={tabIndex} onClick={() => void changeShot(shot.name, { task_id: other })}>{"\u25c9"} Cut in take {number}</Button>}
      </div>
    </li>
  );
}

export function listOf(task: Task | undefined, name: string): string[] {
  const all = (task?.result?.understood as Record<string, unknown> | undefined)?.[name];
  return Array.isArray(all) ? [...new Set(all.filter((one): one is string => typeof one === "string"))] : [];
}

function said(task: Task | undefined, stands: string): string {
  return task ? stateOf(task) : stands === "gone" ? "It has no take." : "";
}

/** How long it is in the cut, in seconds; what is written stays when the script changes, and empty gives it back. */
function Length({ film, shot, tabIndex }: { film: Film; shot: FilmShot; tabIndex: number }) {
  const input = useRef<HTMLInputElement>(null);
  const now = secondsOf(shot.frames, film.rate);
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = now;
  }, [now]);
  const put = async (box: HTMLInputElement) => {
    const text = box.value.trim();
    if (text === now) return;
    const frames = text ? framesOf(text, film.rate) : shot.frames;
    if (!frames) {
      problem(`“${text}” is no length: 3, 2.5 s, 48f or 3+12 (seconds and frames) are.`);
      box.value = now;
      return;
    }
    const done = frames === shot.frames && Boolean(text) ? true : await changeShot(shot.name, { frames, by_hand: Boolean(text) });
    box.value = done ? secondsOf(frames, film.rate) : now;
  };
  return (
    <label class="film-length" title="Seconds; also 48f, or 3+12 for seconds and frames. Empty: as the script has it, when that is read again">
      <input
        ref={input} defaultValue={now} tabIndex={tabIndex} inputMode="decimal" autocomplete="off" maxLength={16} aria-label={`Length of ${shot.name} in seconds`}
        onChange={(event) => void put(event.currentTarget)}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.currentTarget.blur();
          else if (event.key === "Escape") event.currentTarget.value = now;
        }}
      /> s
    </label>
  );
}
