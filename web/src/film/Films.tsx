// The films of the project, and where a script for another comes in.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Bring } from "./Bring";
import { clock, counted } from "./words";
import { Button } from "../ui/Button";
import { deleteFilm, films, readFilms } from "../state/film";
import { toast } from "../state/notices";
import { project, showFilm } from "../state/route";

export function Films() {
  const leaving = useSignal<ReadonlySet<string>>(new Set());
  const box = useRef<HTMLElement>(null);
  useEffect(() => void readFilms(), [project.value]);
  const known = (films.value ?? []).filter((one) => !leaving.value.has(one.name));
  const without = (name: string) => new Set([...leaving.value].filter((one) => one !== name));
  return (
    <main class="projects films" ref={box} aria-label="Films">
      <div class="projects-head"><h2>Films</h2></div>
      <Bring>{known.length ? "A script for another film" : "A script becomes scenes and shots, and a board of them."}</Bring>
      {known.length > 0 && (
        <ul class="film-list">
          {known.map((one) => (
            <li key={one.name}>
              <a
                href={`?project=${encodeURIComponent(project.value)}&view=film&film=${encodeURIComponent(one.name)}`}
                onClick={(event) => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                  event.preventDefault();
                  showFilm(one.name);
                }}
              >
                {one.title || one.name}
              </a>
              <span class="dim numbers">{counted(one.shots, "shot")}, {clock(one.frames, one.rate)} at {one.rate}{one.source && `, from ${one.source}`}</span>
              <time class="dim" dateTime={one.updated_at}>{new Date(one.updated_at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}</time>
              <Button
                kind="quiet" label={`Delete ${one.title || one.name}`} title="Delete"
                onClick={() => {
                  leaving.value = new Set([...leaving.value, one.name]);
                  toast(`${one.title || one.name} is deleted; its takes stay on the board.`, {
                    undo: () => (leaving.value = without(one.name)),
                    done: () => void deleteFilm(one.name).then(() => (leaving.value = without(one.name))),
                  });
                }}
              >
                Delete
              </Button>
            </li>
          ))}
        </ul>
      )}
    </main>
  );
}
