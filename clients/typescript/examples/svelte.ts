// A project as a Svelte store: `const film = project(auteur, "film")`, and `$film.state?.tasks` in the markup. The socket
// is open as long as somebody subscribes.
import { readable, type Readable } from "svelte/store";
import { applyMessage, type Auteur, projectState, type ProjectState, type SocketStatus } from "@auteur/client";

export interface Project {
  /** Undefined until the first greeting. */
  state: ProjectState | undefined;
  /** Anything but `live`: what is shown may be old. */
  status: SocketStatus["status"];
}

export function project(auteur: Auteur, id: string): Readable<Project> {
  return readable<Project>({ state: undefined, status: "connecting" }, (_, update) => {
    const socket = auteur.open(id);
    socket.on("status", ({ status }) => update((known) => ({ ...known, status })));
    socket.on("message", (message) =>
      update((known) => {
        if (message.type === "connected" && message.state) return { ...known, state: projectState(message.state) };
        return known.state ? { ...known, state: applyMessage(known.state, message) } : known;
      }),
    );
    return () => socket.close();
  });
}
