// A project in React: its tasks as they are now, and whether they may be old.
import { useEffect, useState, useSyncExternalStore } from "react";
import { applyMessage, type Auteur, projectState, type ProjectSocket, type ProjectState } from "@auteur/client";

export interface Project {
  /** Undefined until the first greeting. */
  state: ProjectState | undefined;
  socket: ProjectSocket;
}

export function useProject(auteur: Auteur, id: string): Project | undefined {
  const [project, setProject] = useState<Project>();
  useEffect(() => {
    let state: ProjectState | undefined;
    const socket = auteur.open(id, {
      onMessage: (message) => {
        if (message.type === "connected" && message.state) state = projectState(message.state);
        else if (state) state = applyMessage(state, message);
        setProject({ state, socket });
      },
    });
    return () => {
      socket.close();
      setProject(undefined);
    };
  }, [auteur, id]);
  return project;
}

/** `live`, or why what is shown may be old. */
export function useStatus(socket: ProjectSocket): string {
  return useSyncExternalStore((changed) => socket.on("status", changed), () => socket.status.status);
}

export function Board({ auteur, id }: { auteur: Auteur; id: string }) {
  const project = useProject(auteur, id);
  if (!project?.state) return <p>connecting</p>;
  const { socket, state } = project;
  const ask = () => socket.start({ task_type: "text_to_image", params: { prompt: "a lighthouse at dusk" } });
  return (
    <>
      <button onClick={() => void ask()}>Make a frame</button>
      <ul>
        {[...state.tasks.values()].map((task) => (
          <li key={task.task_id}>
            {task.status} {Math.round(task.progress * 100)} %
          </li>
        ))}
      </ul>
    </>
  );
}
