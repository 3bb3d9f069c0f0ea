// What is searched for, and how the board is arranged.
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../ui/Button";
import { arrange, arrangement, filter, NO_FILTER, search, searching, shotNames } from "../state/board";
import { engineNames, qualities, types } from "../state/catalogue";
import { cellSize, resize } from "../state/look";
import { counts } from "../state/store";
import { words } from "../state/tasks";

const STATUSES = ["succeeded", "failed", "cancelled", "running", "queued", "blocked"] as const;
const TYPING_MS = 250;

export function Search() {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const box = useRef<HTMLInputElement>(null);
  const { q, shot, status, task_type, quality, engine, favourite, circled } = filter.value;
  useEffect(() => {
    if (box.current && box.current.value !== q && document.activeElement !== box.current) box.current.value = q;
  }, [q]);
  const choice = (name: "shot" | "status" | "task_type" | "quality" | "engine", label: string, value: string, all: readonly string[]) => (
    <select aria-label={label} value={value} class={value ? "set" : ""} onChange={(event) => search({ [name]: event.currentTarget.value })}>
      <option value="">{label}</option>
      {all.map((one) => <option key={one} value={one}>{words(one)}</option>)}
    </select>
  );
  return (
    <div class="filters" role="search">
      <input
        ref={box} id="search" type="search" aria-label="Search words of prompts, shots and metadata" placeholder="Search" maxLength={200}
        defaultValue={q}
        onInput={(event) => {
          const value = event.currentTarget.value;
          clearTimeout(timer.current);
          timer.current = setTimeout(() => search({ q: value }), TYPING_MS);
        }}
      />
      {choice("shot", "Shot", shot, shotNames())}
      {choice("status", "Status", status, STATUSES)}
      {types.value.length > 1 && choice("task_type", "Kind", task_type, types.value.map((type) => type.name))}
      {choice("quality", "Quality", quality, qualities.value)}
      {engineNames.value.length > 1 && choice("engine", "Engine", engine, engineNames.value)}
      <Button pressed={favourite} onClick={() => search({ favourite: !favourite })}>Favourites</Button>
      <Button pressed={circled} onClick={() => search({ circled: !circled })}>Circled</Button>
      {searching.value && (
        <Button
          kind="quiet"
          onClick={() => {
            if (box.current) box.current.value = "";
            search(NO_FILTER);
          }}
        >
          Show all
        </Button>
      )}
      <span id="counts" class="dim numbers">{counted(counts.value)}</span>
      <span class="spring" />
      <Button pressed={arrangement.value === "shots"} onClick={() => arrange(arrangement.value === "shots" ? "newest" : "shots")}>By shot</Button>
      <Button kind="quiet" label="Smaller pictures" disabled={cellSize.value <= 132} onClick={() => resize(-1)}>{"\u2212"}</Button>
      <Button kind="quiet" label="Larger pictures" disabled={cellSize.value >= 440} onClick={() => resize(1)}>+</Button>
    </div>
  );
}

function counted({ all, open }: { all: number; open: number }): string {
  return all ? `${all.toLocaleString("en")} task${all === 1 ? "" : "s"}, ${open.toLocaleString("en")} open` : "";
}
