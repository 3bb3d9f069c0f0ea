import "./css/theme.css";
import "./css/parts.css";
import "./css/shell.css";
import "./css/board.css";
import { batch } from "@preact/signals";
import { render } from "preact";
import { App } from "./app";
import { beginActions, forget } from "./state/actions";
import { NO_FILTER, search } from "./state/board";
import { beginCatalogue, endCatalogue } from "./state/catalogue";
import { follow, unfollow } from "./state/connection";
import { clearPassed } from "./state/inspector";
import { beginKeys } from "./keys";
import { beginDrops } from "./film/Bring";
import { beginFilms, forgetFilms } from "./state/film";
import { beginHandOver } from "./state/handover";
import { beginLook } from "./state/look";
import { beginNotices, titled } from "./state/notices";
import { forgetProjects } from "./state/projects";
import { onProject, project } from "./state/route";
import { beginScripts, leave as leaveScript } from "./state/script";
import { asking, known, readSession, session } from "./state/session";
import { replace } from "./state/store";

/** Nothing of a project stays on the screen of who is not known. */
function leave(why: string): void {
  batch(() => {
    unfollow();
    endCatalogue();
    forget();
    forgetProjects();
    forgetFilms();
    leaveScript();
    clearPassed();
    replace(null);
    session.value = null;
    known.value = false;
    asking.value = { why };
  });
}

function begin(): void {
  known.value = true;
  titled(`${project.value} \u2013 auteur`);
  beginCatalogue();
  follow(project.value, leave);
}

onProject((name) => {
  forget();
  search(NO_FILTER);
  replace(null);
  clearPassed();
  titled(`${name} \u2013 auteur`);
  if (known.value) follow(name, leave);
});

beginLook();
beginNotices();
beginActions();
beginKeys();
beginFilms();
beginHandOver();
beginScripts();
beginDrops();
const root = document.getElementById("page");
if (root) render(<App begin={begin} leave={leave} />, root);
void readSession().then((found) => {
  session.value = found;
  if (found && !found.principal) leave("");
  else begin();
});
