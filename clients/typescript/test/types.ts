// What has to be accepted by the types, and what must not be: compiled, never run.
import { Auteur, type ProjectSocket, type ServerMessage, type TaskView } from "@auteur/client";

export async function uses(): Promise<TaskView> {
  const auteur = new Auteur({ url: "http://127.0.0.1:8000", WebSocket, fetch, token: undefined });
  const socket: ProjectSocket = auteur.open("film");
  socket.on("complete", (message) => message.result.artifacts[0]?.url.length);
  socket.on("state", ({ state, history_lost }) => [state.tasks.length, history_lost]);
  socket.on("queue", ({ tasks, waiting }) => tasks.map((place) => [place.task_id, place.queue_position, waiting]));
  // @ts-expect-error places in the queue are no event of the log
  socket.on("queue", ({ position }) => position.length);
  // @ts-expect-error there is no such message
  socket.on("completed", () => undefined);
  // @ts-expect-error a status is no message
  socket.on("status", (message: ServerMessage) => message);
  for await (const message of socket) {
    // @ts-expect-error not every message has it
    void message.progress;
    if (message.type === "progress") message.progress.toFixed(2);
  }
  // @ts-expect-error a request has parameters
  await socket.start({ task_type: "text_to_image" });
  for await (const task of auteur.tasks("film", { status: ["queued", "running"], limit: 10 })) return task;
  // @ts-expect-error no task stands so
  await auteur.page("film", { status: "done" });
  return auteur.submit("film", { task_type: "text_to_image", params: {}, quality: undefined });
}
