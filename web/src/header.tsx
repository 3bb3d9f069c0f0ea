// Where one is, whether what is shown is true now, and what concerns the page itself.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Button } from "./ui/Button";
import { Dot } from "./ui/icons";
import { compose, shown } from "./state/actions";
import { link } from "./state/connection";
import { inspecting } from "./state/inspector";
import { nextTheme, theme } from "./state/look";
import { askForNotices, noticesOn } from "./state/notices";
import { readFilms } from "./state/film";
import { project, showFilm, showProjects, open, view } from "./state/route";
import { asking, known, session, signOut } from "./state/session";

export function Header({ leave }: { leave: (why: string) => void }) {
  const inside = known.value && !asking.value;
  const who = session.value?.access === "token" ? session.value.principal : null;
  return (
    <>
      <header class="top">
        <h1>auteur</h1>
        {inside && (
          <>
            <Button kind="quiet" id="projects" label={`Projects; now ${project.value}`} pressed={view.value === "projects"} onClick={() => (view.value === "projects" ? open(project.value) : showProjects())}>
              <b>{project.value}</b>
            </Button>
            <nav class="views" aria-label="Views">
              <Button kind="quiet" id="to-board" pressed={view.value === "board"} title="Board (b)" onClick={() => view.value !== "board" && open(project.value)}>Board</Button>
              <Button kind="quiet" id="to-film" pressed={view.value === "film"} title="Film (g)" onClick={() => void showFilms()}>Film</Button>
            </nav>
            {view.value === "board" && <Button kind="primary" class="narrow" onClick={() => compose()}>New take</Button>}
          </>
        )}
        <span class="spring" />
        <span id="link" class={`link ${link.value.state}`}><Dot kind={link.value.state} />{asking.value ? "signed out" : link.value.text}</span>
        {inside && (
          <>
            <Button kind="quiet" pressed={noticesOn.value} title="Notices when a long take ends" onClick={() => void askForNotices()}>Notices</Button>
            <Button kind="quiet" pressed={inspecting.value} title="Messages as they pass (i)" onClick={() => (inspecting.value = !inspecting.value)}>Messages</Button>
          </>
        )}
        <Button kind="quiet" title="Light, dark, or as the system (t)" onClick={nextTheme}>{{ auto: "Auto", light: "Light", dark: "Dark" }[theme.value]}<span class="unseen"> theme</span></Button>
        <Button kind="quiet" label="Keys" title="Keys (?)" onClick={() => (shown.value = "keys")}>?</Button>
        {inside && who && (
          <span class="who"><span id="name">{who.name}</span> <Button kind="quiet" id="sign-out" onClick={() => void signOut(leave)}>Sign out</Button></span>
        )}
      </header>
      {inside && <Stale />}
    </>
  );
}

/** To the film, where there is one; else to all of them. */
export async function showFilms(): Promise<void> {
  if (view.value === "film") return;
  const of = project.value;
  const found = await readFilms();
  if (of === project.value) showFilm(found.length === 1 ? (found[0]?.name ?? "") : "");
}

/** Said as long as what is shown may no longer be so. */
function Stale() {
  const { state, text, since } = link.value;
  const now = useSignal(Date.now());
  useEffect(() => {
    if (state !== "away") return;
    now.value = Date.now();
    const timer = setInterval(() => (now.value = Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [state]);
  if (state === "ended") return <p class="stale" id="stale">{text}</p>;
  if (state !== "away") return null;
  const seconds = Math.max(0, Math.round((now.value - since) / 1000));
  return (
    <p class="stale numbers" id="stale">
      {`No connection since ${new Date(since).toLocaleTimeString()}${seconds > 2 ? `, ${seconds} s` : ""}. What is shown is as it was then.`}
    </p>
  );
}
