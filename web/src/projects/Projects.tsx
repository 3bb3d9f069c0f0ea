// All projects, each with its newest picture; and a way to begin another.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../ui/Button";
import { more, projects, readProjects, reading } from "../state/projects";
import { open, project } from "../state/route";
import type { ProjectSummary } from "../wire";

export function Projects() {
  const name = useSignal("");
  const box = useRef<HTMLElement>(null);
  const begun = useRef(false);
  useEffect(() => void readProjects().finally(() => (begun.current = true)), []);
  // the project one comes from, or the first, has the focus, unless something else was chosen meanwhile
  const place = useRef(false);
  useEffect(() => {
    if (place.current || (!begun.current && !projects.value.length)) return;
    place.current = true;
    const active = document.activeElement;
    if (active && active !== document.body && active.id !== "projects") return;
    (box.current?.querySelector<HTMLElement>("li a") ?? box.current?.querySelector("input"))?.focus();
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(box.current?.querySelectorAll<HTMLElement>("li a") ?? [])];
    const here = all.indexOf(document.activeElement as HTMLElement);
    if (here < 0) return;
    const first = all[0]?.offsetTop;
    const columns = all.findIndex((one) => one.offsetTop !== first);
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns < 0 ? all.length : columns, ArrowUp: columns < 0 ? -all.length : -columns }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : by === undefined ? -1 : here + by;
    if (!all[to]) return;
    event.preventDefault();
    all[to].focus();
  };
  return (
    <main class="projects" ref={box} onKeyDown={onKeyDown}>
      <div class="projects-head">
        <h2>Projects</h2>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.value.trim()) open(name.value.trim());
          }}
        >
          <input
            id="project" aria-label="Open or begin a project" placeholder="Open or begin a project" maxLength={128}
            spellcheck={false} autocomplete="off" value={name.value} pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,127}"
            title="Letters, digits, dots, dashes, underscores" onInput={(event) => (name.value = event.currentTarget.value)}
          />
          <Button type="submit">Open</Button>
        </form>
      </div>
      <ul class="posters">
        {projects.value.map((one) => <Poster key={one.project_id} of={one} />)}
      </ul>
      {!projects.value.length && !reading.value && <p class="empty">There is no project yet. Give one a name, and ask for its first frame.</p>}
      {more.value !== null && <Button class="older" onClick={() => void readProjects(more.value)} disabled={reading.value}>Show more projects</Button>}
    </main>
  );
}

function Poster({ of: { project_id: name, counts, poster, active_at } }: { of: ProjectSummary }) {
  const all = counts.blocked + counts.queued + counts.running + counts.succeeded + counts.failed + counts.cancelled;
  const busy = counts.blocked + counts.queued + counts.running;
  return (
    <li>
      <a
        href={`?project=${encodeURIComponent(name)}`}
        aria-current={name === project.value ? "true" : undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          open(name);
        }}
      >
        <span class="shown">{poster ? <img src={`${poster.url}?width=512`} alt="" loading="lazy" decoding="async" /> : <span class="blank">no picture yet</span>}</span>
        <span class="name">{name}</span>
        <span class="dim numbers">
          {`${all.toLocaleString("en")} ${all === 1 ? "take" : "takes"}${busy ? `, ${busy.toLocaleString("en")} in progress` : ""}`}
          <time dateTime={active_at}>{new Date(active_at).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" })}</time>
        </span>
      </a>
    </li>
  );
}
