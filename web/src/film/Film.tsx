// A film: its scenes in order, its shots as cards, and beside them where a changed script comes in and what is handed over.
import "./film.css";
import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Bring } from "./Bring";
import { Card } from "./Card";
import { Films } from "./Films";
import { HandOver } from "./HandOver";
import { Plan } from "./Plan";
import { clock, counted, scenesOf } from "./words";
import { gridKeys, openMenu } from "../board/keys";
import { Inspector } from "../inspector/Inspector";
import { Now } from "../now/Now";
import { Button } from "../ui/Button";
import { FILM, viewing } from "../state/actions";
import { wantShotNames } from "../state/board";
import { continuity, film, noFilm, openShots, standing, wantTake } from "../state/film";
import { inspecting } from "../state/inspector";
import { cellSize, filmFocus, resize } from "../state/look";
import { filmName, showFilm } from "../state/route";
import { brought } from "../state/script";
import { laidOut, taskNow } from "../state/store";
import type { Film as Known } from "../wire";

export function FilmView() {
  if (brought.value) return <Plan script={brought.value} />;
  return filmName.value ? <Film /> : <Films />;
}

function Film() {
  const known = film.value;
  const beside = useSignal(false);
  useSignalEffect(() => {
    void laidOut.value; // they are forgotten with all else when a state replaces what was known
    wantShotNames();
  });
  return (
    <div class={`studio film-studio ${inspecting.value ? "inspected" : ""}`}>
      <aside class={`make ${beside.value ? "is-open" : ""}`} aria-label="Script and hand-over">
        <div class="beside">
          <div class="composer-head narrow-only"><h2>Script and hand-over</h2><Button kind="quiet" label="Close" onClick={() => (beside.value = false)}>{"\u00d7"}</Button></div>
          <Bring>The script has changed? What looks otherwise is made, the rest stays.</Bring>
          {known && <HandOver />}
        </div>
        <Now />
      </aside>
      <main class="desk film" aria-label="Film">
        {known ? <Scenes known={known} onBeside={() => (beside.value = true)} /> : noFilm.value ? <p class="empty" id="no-film">There is no film {filmName.value} here. <Button onClick={() => showFilm()}>All films</Button></p> : null}
      </main>
      {inspecting.value && <Inspector />}
    </div>
  );
}

function Scenes({ known, onBeside }: { known: Known; onBeside: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  const scenes = scenesOf(known.shots);
  const frames = known.shots.reduce((sum, shot) => sum + shot.frames, 0);
  const names = known.shots.map((shot) => shot.name);
  const focused = names.includes(filmFocus.value) ? filmFocus.value : names[0];
  const pictures = () => [...(box.current?.querySelectorAll<HTMLElement>(".film-picture") ?? [])];
  const nameAt = (target: EventTarget | null) => (target as Element | null)?.closest<HTMLElement>("[data-shot]")?.dataset["shot"];
  const taskAt = (target: EventTarget | null) => {
    const id = (target as Element | null)?.closest<HTMLElement>(".film-picture")?.dataset["task"];
    return id ? taskNow(id) : undefined;
  };

  const opening = useSignal(""); // a take that was pressed before it was read: it opens when it is here
  useSignalEffect(() => {
    const id = opening.value;
    const stands = id ? standing(id).value : "unread";
    if (stands === "unread") return;
    opening.value = "";
    if (stands === "here") viewing.value = { section: FILM, id };
  });
  const onKeyDown = (event: KeyboardEvent) => {
    opening.value = "";
    const picture = (event.target as Element).closest<HTMLElement>(".film-picture");
    if (!picture || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = step(pictures(), picture, event.key);
    if (to) {
      event.preventDefault();
      filmFocus.value = nameAt(to) ?? "";
      to.focus();
      to.closest("li")?.scrollIntoView({ block: "nearest" });
      return;
    }
    const task = taskAt(event.target);
    if (task && gridKeys(event, task, FILM)) event.preventDefault();
  };
  return (
    <div
      class="film-pane" ref={box} onKeyDown={onKeyDown}
      onFocusIn={(event) => {
        const name = nameAt(event.target);
        if (name) filmFocus.value = name;
      }}
      onClick={(event) => {
        const pressed = (event.target as Element).closest(".film-picture");
        const id = pressed ? known.shots.find((one) => one.name === nameAt(pressed))?.task_id : null;
        if (id) wantTake(id);
        opening.value = id ?? "";
      }}
      onContextMenu={(event) => {
        const task = taskAt(event.target);
        if (!task) return;
        event.preventDefault();
        openMenu(task, { x: event.clientX, y: event.clientY });
      }}
    >
      <div class="film-head">
        <div>
          <h2>{known.title || known.name}</h2>
          <p class="dim numbers" id="film-facts">
            {counted(known.shots.length, "shot")} in {counted(scenes.length, "scene")}, {clock(frames, known.rate)} at {known.rate}
            {known.quality && ` \u00b7 ${known.quality}`}{known.source && ` \u00b7 ${known.source}`}
          </p>
          <Standing total={known.shots.length} />
        </div>
        <div class="film-ways">
          <Button class="narrow" onClick={onBeside}>Script, hand-over</Button>
          <Button kind="quiet" onClick={() => showFilm()}>All films</Button>
          <Button kind="quiet" label="Smaller pictures" disabled={cellSize.value <= 132} onClick={() => resize(-1)}>{"\u2212"}</Button>
          <Button kind="quiet" label="Larger pictures" disabled={cellSize.value >= 440} onClick={() => resize(1)}>+</Button>
        </div>
      </div>
      {scenes.map((scene) => (
        <section key={scene.key} class="film-scene" aria-label={`Scene ${scene.label}`}>
          <h3>
            <span class="numbers">{scene.label}</span> {scene.heading || (scene.label ? "" : "Shots")}
            <span class="dim numbers"> {clock(scene.shots.reduce((sum, shot) => sum + shot.frames, 0), known.rate)}</span>
          </h3>
          <ul class="film-shots" style={{ gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${Math.max(cellSize.value, 160)}px), 1fr))` }}>
            {scene.shots.map((shot) => <Card key={shot.name} film={known} shot={shot} width={cellSize.value} focused={shot.name === focused} />)}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** How far it is, and what geometry found: to the next of these by a press. */
function Standing({ total }: { total: number }) {
  const open = openShots.value;
  const found = continuity.value?.findings ?? [];
  const at = useRef(-1);
  const next = () => {
    at.current = (at.current + 1) % found.length;
    const name = found[at.current]?.second ?? "";
    filmFocus.value = name;
    const card = [...document.querySelectorAll<HTMLElement>(".film-shot")].find((one) => one.dataset["shot"] === name);
    card?.scrollIntoView({ block: "center" });
    card?.querySelector<HTMLElement>(".film-picture")?.focus({ preventScroll: true });
  };
  return (
    <p class="film-standing numbers" role="status">
      {open > 0 && <span>{`${open} of ${counted(total, "shot")} in progress `}<progress max={total} value={total - open} aria-label="Shots that are there" /></span>}
      {found.length > 0 && <Button kind="quiet" class="warns" onClick={next}>{"\u26a0"} {counted(found.length, "continuity warning")}</Button>}
    </p>
  );
}

/** The picture that a key leads to from another. */
function step(all: HTMLElement[], from: HTMLElement, key: string): HTMLElement | undefined {
  const here = all.indexOf(from);
  if (key === "ArrowRight") return all[here + 1];
  if (key === "ArrowLeft") return all[here - 1];
  if (key === "Home") return all[0];
  if (key === "End") return all.at(-1);
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const box = from.getBoundingClientRect();
  const away = (one: HTMLElement) => {
    const { top, left } = one.getBoundingClientRect();
    const down = key === "ArrowDown" ? top - box.top : box.top - top;
    return down < 8 ? Infinity : down * 10 + Math.abs(left - box.left);
  };
  const [best] = all.map((one) => ({ one, far: away(one) })).sort((x, y) => x.far - y.far);
  return best && best.far < Infinity ? best.one : undefined;
}
