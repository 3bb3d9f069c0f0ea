// A frame from a sentence, in Node or in a page of the service. Kill the service meanwhile and start it again: the task
// goes on, and so does this.
import { Auteur } from "@auteur/client";

const url = globalThis.location?.origin ?? process.env.AUTEUR_URL ?? "http://127.0.0.1:8000";
const WebSocket = globalThis.WebSocket ?? (await import("ws")).default; // Node below 22 has none of its own
const auteur = new Auteur({ url, WebSocket });
const film = auteur.open("film");
film.on("status", ({ status }) => console.log(status));

const { task_id } = await film.start({
  task_type: "text_to_image",
  quality: "draft",
  params: { prompt: "wide shot of a lighthouse at dusk" },
});
for await (const message of film.watch(task_id)) {
  if (message.type === "progress") console.log(`${Math.round(message.progress * 100)} %`, message.message ?? "");
  if (message.type === "complete") console.log(auteur.artifactUrl(message.result.artifacts[0]));
  if (message.type === "error") console.error(message.message);
}
film.close();
