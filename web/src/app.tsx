// The shell: what is where, who is asked, and the keys that count everywhere.
import { useEffect } from "preact/hooks";
import { ComposeForm } from "./form/ComposeForm";
import { Viewer } from "./viewer/Viewer";
import { Board } from "./board/Board";
import { Search } from "./board/Search";
import { focusOn, TakeMenu } from "./board/keys";
import { BatchDialog } from "./dialogs/Batch";
import { Keys } from "./dialogs/Keys";
import { Camera, Promote } from "./dialogs/Make";
import { Paste } from "./film/Bring";
import { FilmView } from "./film/Film";
import { Header } from "./header";
import { Inspector } from "./inspector/Inspector";
import { Now } from "./now/Now";
import { Projects } from "./projects/Projects";
import { SignIn } from "./signin";
import { Toasts } from "./ui/Toasts";
import { Button } from "./ui/Button";
import { act, composeOpen, FILM, pick, picking, seed, shown, submit, submitBatch, viewing } from "./state/actions";
import { sections } from "./state/board";
import { defaultQuality, down, qualities, types } from "./state/catalogue";
import { takesInOrder, wantAround } from "./state/film";
import { inspecting } from "./state/inspector";
import { spoken } from "./state/notices";
import { project, view } from "./state/route";
import { asking, known } from "./state/session";

export function App({ begin, leave }: { begin: () => void; leave: (why: string) => void }) {
  return (
    <>
      <Header leave={leave} />
      {asking.value ? <SignIn begin={begin} /> : !known.value ? <main /> : view.value === "projects" ? <Projects /> : view.value === "film" ? <FilmView /> : <Studio />}
      <p class="unseen" role="status" aria-live="polite">{spoken.value}</p>
      <Windows />
      <Toasts />
    </>
  );
}

function Studio() {
  return (
    <div class={`studio ${inspecting.value ? "inspected" : ""}`}>
      <aside class={`make ${composeOpen.value ? "is-open" : ""}`} aria-label="Make">
        <Compose />
        <Now />
      </aside>
      <main class="desk" aria-label="Board">
        <Search />
        {picking.value && (
          <p class="picking">
            Choose a picture on the board. <Button kind="quiet" onClick={() => picking.value?.choose(null)}>None (Esc)</Button>
          </p>
        )}
        <Board />
      </main>
      {inspecting.value && <Inspector />}
    </div>
  );
}

function Compose() {
  return (
    <section class="composer" aria-labelledby="make-title">
      <div class="composer-head">
        <h2 id="make-title">New take</h2>
        <Button kind="quiet" onClick={() => (shown.value = "batch")}>Several at once</Button>
        <Button kind="quiet" class="narrow" label="Close the form" onClick={() => (composeOpen.value = false)}>{"\u00d7"}</Button>
      </div>
      {types.value.length > 0 && qualities.value.length > 0 && (
        <ComposeForm
          key={project.value}
          types={types.value}
          qualities={qualities.value}
          defaultQuality={defaultQuality.value}
          project={project.value}
          seed={seed.value}
          onSubmit={async (request) => {
            await submit(request);
            composeOpen.value = false;
          }}
          onSubmitAll={async (requests) => {
            await submitBatch(requests);
            composeOpen.value = false;
          }}
          pick={pick}
        />
      )}
      {down.value.size > 0 && <p id="down" class="dim">{[...down.value].map(([engine, reason]) => `${engine} is down: ${reason}`).join(" \u00b7 ")}</p>}
    </section>
  );
}

/** What lies over the page. */
function Windows() {
  const window = shown.value;
  return (
    <>
      <View />
      <TakeMenu />
      {window === "keys" && <Keys />}
      {window === "batch" && <BatchDialog />}
      {window === "script" && <Paste />}
      {window && typeof window === "object" && "promote" in window && <Promote task={window.promote} />}
      {window && typeof window === "object" && "camera" in window && <Camera task={window.camera} />}
    </>
  );
}

function View() {
  return viewing.value?.section === FILM ? <FilmTakes /> : <BoardTakes />;
}

/** The takes of the film in view, in the order of the cut. */
function FilmTakes() {
  const at = viewing.value;
  const takes = takesInOrder();
  const index = takes.findIndex((one) => one.task_id === at?.id);
  useEffect(() => {
    if (index < 0) viewing.value = null;
  });
  if (!at || index < 0) return null;
  return (
    <Viewer
      takes={takes}
      index={index}
      onClose={() => (viewing.value = null)}
      onAction={act}
      types={types.value}
      onCorrect={(_, request) => submit(request)}
      onMove={(to) => {
        const id = takes[to]?.task_id;
        if (!id) return;
        viewing.value = { section: FILM, id };
        wantAround(id);
      }}
    />
  );
}

function BoardTakes() {
  const at = viewing.value;
  const section = at && sections().find((one) => one.key === at.section);
  const place = at && section ? section.feed.indexOf(at.id) : -1;
  const gone = at !== null && place < 0;
  useEffect(() => {
    if (gone) viewing.value = null; // it was deleted, here or elsewhere
  });
  if (!at || !section || gone) return null;
  const { tasks, index } = section.feed.around(place);
  return (
    <Viewer
      takes={tasks}
      index={index}
      onClose={() => {
        viewing.value = null;
        focusOn.value += 1;
      }}
      onAction={act}
      types={types.value}
      onCorrect={(_, request) => submit(request)}
      onMove={(to) => {
        const id = tasks[to]?.task_id;
        if (!id) return;
        viewing.value = { section: at.section, id };
        const now = section.feed.indexOf(id);
        section.feed.want(Math.max(0, now - 20), now + 20);
      }}
    />
  );
}

